// The log of a server as a train is judged by it.
#pragma once

#include <chrono>
#include <memory>

#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "core/remote/served_log.hpp"
#include "instruments/train/gating/decision_record.hpp"

namespace signalbox::train {

std::vector<cli::Option> served_log_options();  // --log-key and --timeout

// A copy of the server's log that is proven, and the server itself to append to.
class ServedBook {
 public:
  // By the keys of --log-key, else those that the work tree's trust file has in the role log: by which of
  // them is not decided here. conflict: the server was caught at a lie. denied: no key is known.
  static Result<ServedBook> open(const cli::Arguments& arguments, const cli::Context& context);

  evidence::Ledger& ledger() { return copy_->ledger(); }
  // Whether the trust that judges the train believes this log now, and its witnesses are there: no candidate
  // chooses the log that judges it. A key of --log-key is believed by whoever gave it. denied where not.
  Status check_believed(const evidence::Trust& trust, Time now) const;
  // Appends go to the server; what is reread is the copy, brought up to date.
  Recording recording();
  const evidence::EvidenceBook& book() const { return *book_; }

 private:
  ServedBook(const cli::Arguments& arguments, const cli::Context& context)
      : arguments_(&arguments), context_(&context) {}
  Status look(std::chrono::milliseconds waits);  // for witnesses

  const cli::Arguments* arguments_;
  const cli::Context* context_;
  bool is_given_ = false;  // by --log-key
  remote::SignedState state_;
  std::unique_ptr<evidence::EvidenceBook> copy_;
  std::unique_ptr<evidence::EvidenceBook> book_;
};

}  // namespace signalbox::train
