// Entries of a server's log in the order of a query, newest first, each shown to be in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/remote/served_log.hpp"

namespace signalbox::evidence_command {

// What the server may have left out without being seen.
enum class Omissions {
  none,    // every entry was read, from the newest that was signed
  newest,  // entries about the subject that are newer than the first shown: each names the one before it
  any,     // that these are all is its word alone
};

class ServedEntries {
 public:
  // Of `query` subject and type count: by subject each entry names the one before it, which is followed; by
  // type alone the server lists them; without either every entry is read. `log` and `query` must outlive it.
  ServedEntries(const remote::ServedLog& log, const evidence::Query& query);

  // Nothing at the end. conflict where the server is caught at a lie.
  Result<std::optional<evidence::Entry>> next();
  Omissions omissions() const { return omissions_; }

 private:
  Result<std::optional<std::uint64_t>> next_about_subject();
  Result<std::optional<std::uint64_t>> next_of_type();
  Result<std::optional<std::uint64_t>> next_listed(const remote::ServedLog::Asked& asked, std::size_t page);
  // Whether the entry is what it was shown as; its error is conflict.
  Status check(const evidence::Entry& entry, const Json& record);

  const remote::ServedLog& log_;
  std::string subject_;  // "gitCommit:1a2b…"; empty: not asked
  std::string type_;     // likewise
  Omissions omissions_ = Omissions::none;
  std::uint64_t before_;                  // entries from here on were told of
  std::optional<std::int64_t> previous_;  // that the last one names; -1: none
  std::vector<std::uint64_t> page_;       // listed, the next at the end
};

}  // namespace signalbox::evidence_command
