#include "commands/evidence/wait.hpp"

#include <algorithm>
#include <thread>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/remote/remote_log.hpp"
#include "core/remote/witness_http.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using std::chrono::milliseconds;

constexpr milliseconds kPause{250};
constexpr milliseconds kMaxRequest{5'000};

Error late(std::uint64_t index, const std::string& why) {
  return {ErrorKind::unavailable, fmt::format("entry {} is in the log, but not witnessed: {}", index, why),
          "signalbox evidence witness list"};
}

// What keeps the witnesses, in one line.
std::string problems(const remote::AskedByName& asked) {
  std::vector<std::string> out;
  for (const auto& [name, one] : asked) {
    if (one.outcome != ev::Asked::Outcome::cosigned) out.push_back(name + ": " + one.what);
  }
  return out.empty() ? "a quorum is not there" : join(out, "; ");
}

// One look: an empty text once it is witnessed, else what it waits for.
Result<std::string> look(std::uint64_t index, milliseconds left, ev::EvidenceBook& book,
                         cli::Context& context) {
  if (remote::is_server(context.store)) {
    SIGNALBOX_TRY(const remote::Server server, remote::server_from(context.store));
    SIGNALBOX_TRY(const remote::WitnessedState state, remote::witnessed_state(server));
    if (state.quorum == 0) return fail(late(index, "that server asks no witnesses"));
    return state.size > index ? std::string() : fmt::format("{} entries are", state.size);
  }
  ev::WitnessBook witnesses(book.database());
  SIGNALBOX_TRY(const int quorum, witnesses.quorum());
  if (quorum == 0) {
    Error error = late(index, "this log asks no witnesses");
    error.hint = "signalbox evidence witness add KEY --url URL";
    return fail(std::move(error));
  }
  SIGNALBOX_TRY(const remote::AskedByName asked,
                remote::ask_witnesses(book.database(), context.clock, std::min(left, kMaxRequest),
                                      remote::AskWhich::behind));
  const auto alarm = std::find_if(asked.begin(), asked.end(), [](const auto& one) {
    return one.second.outcome == ev::Asked::Outcome::alarm;
  });
  if (alarm != asked.end())
    return fail(ErrorKind::conflict, fmt::format("{}: {}", alarm->first, alarm->second.what),
                "both checkpoints are kept: signalbox evidence witness list --json");
  SIGNALBOX_TRY(const auto witnessed, witnesses.witnessed(index + 1));
  return witnessed ? std::string() : problems(asked);
}

}  // namespace

Status wait_until_witnessed(std::uint64_t index, milliseconds patience, ev::EvidenceBook& book,
                            cli::Context& context) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    SIGNALBOX_TRY(const std::string waiting_for, look(index, std::max(left, kPause), book, context));
    if (waiting_for.empty()) return {};
    if (std::chrono::steady_clock::now() + kPause >= end) return fail(late(index, waiting_for));
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace signalbox::evidence_command
