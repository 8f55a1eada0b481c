// Ending a statement or a session that is in the way. Without --confirm nothing is done.
#include <chrono>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/recording/recording.hpp"
#include "core/remote/remote_log.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/server/session_action.hpp"
#include "instruments/queries/server_subject.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kActionPredicate = "https://signalbox.dev/queries/action/v1";
constexpr std::chrono::seconds kPatience{10};

Json json_of(const SessionTarget& target) {
  return Json::object({{"pid", target.pid},
                       {"identity", target.identity()},
                       {"fingerprint", target.fingerprint},
                       {"database", escape_invalid_utf8(target.database)},
                       {"user", escape_invalid_utf8(target.role)},
                       {"application", escape_invalid_utf8(target.application)},
                       {"state", target.state},
                       {"wait", target.wait_event},
                       {"query_s", target.query_s},
                       {"transaction_s", target.transaction_s},
                       {"waiting_for_it", target.in_its_way.size()}});
}

Report report_of(SessionAction action, const SessionTarget& target) {
  Report out;
  out.instrument = "queries";
  out.title = fmt::format("{} of process {}",
                          action == SessionAction::cancel ? "Cancelling the statement" : "Ending the session",
                          target.pid);
  out.facts = {{"user", escape_invalid_utf8(target.role), ""},
               {"database", escape_invalid_utf8(target.database), ""},
               {"application", escape_invalid_utf8(target.application), ""},
               {"state", target.state, ""},
               {"waits for", target.wait_event.empty() ? "nothing" : target.wait_event, ""},
               {"statement for", text_of_ms(target.query_s * 1'000), ""},
               {"transaction for", text_of_ms(target.transaction_s * 1'000), ""},
               {"who wait for it", static_cast<std::int64_t>(target.in_its_way.size()), ""},
               {"statement", target.sql.empty() ? "hidden" : cut_to_width(printable(target.sql), 200), ""}};
  out.data = Json::object({{"action", name_of(action)}, {"target", json_of(target)}});
  return out;
}

Result<cli::Outcome> run(SessionAction action, const cli::Arguments& arguments, cli::Context& context) {
  const auto pid = parse_integer(*arguments.positional(0));
  if (!pid || *pid < 1)
    return fail(ErrorKind::bad_input, fmt::format("{} is no process", printable(*arguments.positional(0))));
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
  SIGNALBOX_TRY(const SessionTarget target, read_target(link, *pid));
  Report report = report_of(action, target);
  const auto identity = arguments.get("--confirm");
  if (!identity) {
    report.summary = "nothing was done";
    report.next = {fmt::format("signalbox queries act {} {} --confirm {}", name_of(action), target.pid,
                               target.identity())};
    return report;
  }
  // Where evidence cannot be left, nothing is done either.
  SIGNALBOX_TRY(const auto book, remote::open_book(context.workspace, context.clock, context.store));
  static_cast<void>(book);
  SIGNALBOX_CHECK(act(link, action, *pid, *identity));
  SIGNALBOX_TRY(const bool is_over, wait_until_over(link, action, *pid, *identity, kPatience));
  report.verdict = is_over ? Verdict::pass : Verdict::fail;
  report.summary = !is_over ? fmt::format("it was told to end, and has not after {} s", kPatience.count())
                   : action == SessionAction::cancel ? "the statement has ended"
                                                     : "the session has ended";
  report.data.set("is_over", is_over);
  evidence::Statement statement;
  const ServerIdentity& server = link.identity();
  add_server(statement, server.address, server.system_identifier);
  if (statement.subjects.empty()) add_server(statement, server.address, server.address);
  statement.predicate_type = kActionPredicate;
  statement.predicate = Json::object({{"action", name_of(action)},
                                      {"server", server.address},
                                      {"as", server.user},
                                      {"target", json_of(target)},
                                      {"is_over", is_over}});
  SIGNALBOX_CHECK(recording::record_statement(std::move(statement), context, report));
  return report;
}

cli::Command action(SessionAction action, const char* summary) {
  cli::Command out;
  out.name = name_of(action);
  out.summary = summary;
  out.details =
      "Shows the session and does nothing, unless --confirm says which one it was: the same command without "
      "it prints "
      "that. A process that is another session's by now, or runs another statement, is left alone. What was "
      "done is "
      "evidence, queries/action/v1.";
  out.options = {dsn_option(),
                 {"--confirm", "IDENTITY", "what the same command without it printed", {}, false}};
  out.positionals = {{"PID", "of the server's process", cli::Positional::Count::one}};
  out.run = [action](const cli::Arguments& arguments, cli::Context& context) {
    return run(action, arguments, context);
  };
  return out;
}

}  // namespace

cli::Command act_command() {
  cli::Command out;
  out.name = "act";
  out.summary = "End a statement or a session that is in the way";
  out.commands = {action(SessionAction::cancel, "Cancel the statement that a session runs"),
                  action(SessionAction::terminate, "End a session")};
  return out;
}

}  // namespace signalbox::queries
