#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/migrations.hpp"

namespace signalbox::queries {

cli::Option dsn_option() {
  return {"--dsn",
          "ADDRESS",
          "of the server: postgresql://USER@HOST/DATABASE, or key=value; else PGHOST, PGSERVICE …",
          {},
          false};
}

std::string dsn_of(const cli::Arguments& arguments) {
  return arguments.get_or("--dsn", "");
}

std::vector<cli::Option> kept_options() {
  return {
      {"--server", "NAME", "which of several that are watched", {}, false},
      {"--since", "TIME", "of the last 15m before the last reading; also 2h, or an RFC 3339 time", {}, false},
      {"--until", "TIME", "up to then, instead of the last reading", {}, false}};
}

Result<Time> time_of(std::string_view text, std::string_view option, Time now) {
  if (const auto ago = parse_duration(text)) return now - *ago;
  if (auto time = parse_rfc3339(text)) return *time;
  return fail(ErrorKind::bad_input, fmt::format("{} {}: is no time", option, printable(text)),
              "for example 15m, 24h, 2026-03-03T09:00:00Z");
}

Result<Span> span_of(std::string_view text, std::string_view option, Time now) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos)
    return fail(ErrorKind::bad_input, fmt::format("{} {}: is no span and no file", option, printable(text)),
                "for example 2h/1h, two RFC 3339 times with / between, or a file that `snapshot` wrote");
  Span out;
  SIGNALBOX_TRY(out.since, time_of(text.substr(0, slash), option, now));
  SIGNALBOX_TRY(out.until, time_of(text.substr(slash + 1), option, now));
  if (out.since >= out.until)
    return fail(ErrorKind::bad_input, fmt::format("{} {}: ends before it begins", option, printable(text)));
  return out;
}

Result<Asked> ask_kept(const cli::Arguments& arguments, const cli::Context& context) {
  Asked out;
  SIGNALBOX_TRY(out.database, open_kept_store(context.workspace, context.store));
  KeptStatements kept(*out.database);
  SIGNALBOX_TRY(out.server, kept.find_server(arguments.get_or("--server", "")));
  const Time now = context.clock.now();
  out.span.until = out.server.seen;
  if (const auto until = arguments.get("--until")) {
    SIGNALBOX_TRY(out.span.until, time_of(*until, "--until", now));
  }
  out.span.since = out.span.until - kUsualSpan;
  if (const auto since = arguments.get("--since")) {
    SIGNALBOX_TRY(out.span.since, time_of(*since, "--since", now));
  }
  if (out.span.since >= out.span.until)
    return fail(ErrorKind::bad_input, "--since is not before --until (or the last reading)");
  return out;
}

Result<std::size_t> count_of(const cli::Arguments& arguments, std::string_view option, std::size_t usual,
                             std::size_t most) {
  const auto given = arguments.get(option);
  if (!given) return usual;
  const auto number = parse_integer(*given);
  if (!number || *number < 1 || static_cast<unsigned long long>(*number) > most)
    return fail(ErrorKind::bad_input,
                fmt::format("{} {}: is no number from 1 to {}", option, printable(*given), most));
  return static_cast<std::size_t>(*number);
}

Result<Duration> duration_of(const cli::Arguments& arguments, std::string_view option, Duration usual,
                             Duration least) {
  const auto given = arguments.get(option);
  if (!given) return usual;
  const auto time = parse_duration(*given);
  if (!time || *time < least)
    return fail(ErrorKind::bad_input,
                fmt::format("{} {}: is no time of {} ms or more", option, printable(*given), least.count()),
                "for example 10s, 1m");
  return *time;
}

}  // namespace signalbox::queries
