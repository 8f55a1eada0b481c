// The newest checkpoint of each log that this machine has signed or verified: what every later one has to
// extend.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

// A folder of signed notes, one a log, named by origin and key id. A log that was put back to an older copy,
// or that tells two stories, differs from what is remembered here. Threads and processes may share a folder.
class CheckpointMemory {
 public:
  // Remembers in ${XDG_DATA_HOME:-~/.local/share}/signalbox/checkpoints, beside the keys and away from any
  // store.
  static CheckpointMemory of_this_machine();
  explicit CheckpointMemory(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Nothing where the log was never seen. A note that `log` did not sign: conflict.
  Result<std::optional<Checkpoint>> last(const PublicKey& log) const;
  // How far keeping goes before it returns. A log that keeps its own does not wait for the disk: an older
  // note that a power cut brings back is still one that it has to extend.
  enum class Until { written, durable };
  // Keeps the signed note where it is newer than what is kept. Of several that keep at once the newest note
  // stays.
  Status keep(const PublicKey& log, const std::string& note, Until until = Until::written) const;
  enum class Kept { yes, another_came };
  // The same for a note that was shown to extend `seen`, which `last` said. Nothing is written where another
  // process kept a note since, which this one was not shown to extend: look again.
  Result<Kept> keep_after(const std::optional<Checkpoint>& seen, const PublicKey& log,
                          const std::string& note, Until until = Until::written) const;
  std::filesystem::path file_of(const PublicKey& log) const;

  // A note that may be remembered.
  struct Shown {
    std::size_t log = 0;  // whose: its place among the logs that were asked for
    std::string note;
  };
  // Looks at logs with what was seen of each before, in their order. Nothing: nothing is to be kept.
  using Looking = std::function<Result<std::optional<Shown>>(const std::vector<std::optional<Checkpoint>>&)>;
  // What is remembered is read first, then `look` reads what is shown now, so that a log that grows meanwhile
  // is not taken for one that went back; the note it returns, shown to extend what was seen, is kept. Where
  // another process kept one in between it looks again. unavailable: others keep again and again, or what is
  // remembered is damaged.
  Status extend(const std::vector<PublicKey>& logs, const Looking& look, Until until = Until::written) const;

 private:
  Status write(const PublicKey& log, const std::string& note, Until until) const;

  std::filesystem::path folder_;
};

// The checkpoint of a signed note, where `log` signed it and its origin is the log's name.
Result<Checkpoint> open_checkpoint(std::string_view note, const PublicKey& log);

// Whether `shown` extends `seen`, by a consistency proof (empty where the sizes are equal). conflict, with
// "rollback" or "fork" in its message, where it does not.
Status check_extends(const Checkpoint& seen, const Checkpoint& shown, const std::vector<Sha256>& proof);

}  // namespace signalbox::evidence
