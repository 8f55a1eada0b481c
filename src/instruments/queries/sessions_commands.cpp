#include "instruments/queries/analysis/sessions_report.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_locks.hpp"
#include "instruments/queries/logs/lock_report.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxMoments = 3'600;

Result<cli::Outcome> active(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  KeptSessions kept(*asked.database);
  const std::string by = arguments.get_or("--by", "wait");
  SessionDimension dimension = SessionDimension::wait;
  for (std::size_t i = 0; i < std::size(kSessionDimensions); ++i) {
    if (by == kSessionDimensions[i]) dimension = static_cast<SessionDimension>(i);
  }
  SIGNALBOX_TRY(const auto shares, kept.shares(asked.server.id, asked.span, dimension));
  SIGNALBOX_TRY(const auto timeline, kept.timeline(asked.server.id, asked.span, dimension));
  SIGNALBOX_TRY(const ProcessorUse processor, kept.processor(asked.server.id, asked.span));
  return active_report(shares, timeline, dimension, processor, asked.server, asked.span);
}

Result<cli::Outcome> locks(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  KeptSessions kept(*asked.database);
  SIGNALBOX_TRY(const auto moments, kept.blocked_moments(asked.server.id, asked.span, kMaxMoments));
  std::vector<BlockedSession> sessions;
  if (!moments.empty()) {
    SIGNALBOX_TRY(sessions, kept.blocked_at(asked.server.id, moments.back()));
  }
  SIGNALBOX_TRY(const LockEvents events, KeptLocks(*asked.database).read(asked.server.id, asked.span));
  Report out = blocking_report(sessions, moments, asked.server);
  add_lock_events(events, out);
  return out;
}

}  // namespace

cli::Command ash_command() {
  cli::Command out;
  out.name = "ash";
  out.summary = "Tell how many sessions were at work, and what they waited for";
  out.details =
      "Of the samples that `watch` took: average active sessions. CPU is every session that waits for "
      "nothing the server has a name for. Where the server is on the machine of the watch, the kernel is "
      "asked which of these had no core: they are RunQueue, and CPU is what ran.";
  out.options = {{"--by",
                  "WHAT",
                  "wait by default",
                  {std::begin(kSessionDimensions), std::end(kSessionDimensions)},
                  false}};
  for (cli::Option& option : kept_options()) out.options.push_back(std::move(option));
  out.run = active;
  return out;
}

cli::Command locks_command() {
  cli::Command out;
  out.name = "locks";
  out.summary = "Show who waited for whom, from the root down";
  out.details =
      "The last moment before --until at which somebody was seen to wait for a lock, as a tree: those in the "
      "way first, with what "
      "they ran last, and below each those who wait. Beside it what the log told in this time (`watch "
      "--log`, "
      "`log ingest --keep`): deadlocks, who was in them in which order, and waits longer than "
      "deadlock_timeout "
      "where log_lock_waits is on.";
  out.options = kept_options();
  out.run = locks;
  return out;
}

}  // namespace signalbox::queries
