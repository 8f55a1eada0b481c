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
  enum class Need { records, envelopes };
  static constexpr std::uint64_t kMaxRead = 20'000;  // entries
  // Of `query` subject and type count: by subject each entry names the one before it, which is followed; by
  // type alone the server lists them; without either every entry is read, 256 records at once, and its
  // envelope only where that is needed. `log` must outlive it.
  ServedEntries(const remote::ServedLog& log, const evidence::Query& query, Need need);

  // Nothing at the end, and after kMaxRead entries. conflict where the server is caught at a lie.
  Result<std::optional<evidence::Entry>> next();
  Omissions omissions() const { return omissions_; }
  std::uint64_t read() const { return read_; }
  bool is_cut() const { return is_cut_; }  // older entries were not read: kMaxRead of them were
  // Entries that the server alone says are about the subject: their records name too many subjects to say
  // which, and it does not show the envelopes that would. They were left out.
  std::size_t unproven() const { return unproven_; }

 private:
  // An entry that may be one of those asked for, and who says so.
  struct Candidate {
    std::uint64_t index = 0;
    enum class Said { by_the_log, by_the_server } said = Said::by_the_server;
  };
  enum class Fits { yes, unknown };

  Result<std::optional<evidence::Entry>> next_of_all();
  Result<std::optional<Candidate>> next_about_subject();
  Result<std::optional<Candidate>> next_listed(const remote::ServedLog::Asked& asked, std::size_t page);
  // Whether the entry is what it was shown as; its error is conflict.
  Result<Fits> check(const evidence::Entry& entry, const Json& record) const;
  // Takes up which entry about the subject the record names before it.
  Status follow(const evidence::Entry& entry, const Json& record);

  const remote::ServedLog& log_;
  Need need_;
  std::string subject_;  // "gitCommit:1a2b…"; empty: not asked
  std::string type_;     // likewise
  Omissions omissions_ = Omissions::none;
  std::size_t unproven_ = 0;
  std::uint64_t read_ = 0;
  bool is_cut_ = false;
  std::uint64_t before_;                  // entries from here on were told of
  std::optional<std::int64_t> previous_;  // that the last one names; -1: none
  std::vector<std::uint64_t> page_;       // listed, the next at the end
  std::vector<evidence::Entry> bundle_;   // records read ahead, the next at the end
};

}  // namespace signalbox::evidence_command
