#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/agent/profile_ring.hpp"
#include "instruments/profile/agent_folder.hpp"
#include "instruments/profile/analysis/merge.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/drawn_profile.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/profile_file.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kRows = 30;
constexpr std::chrono::minutes kUsualSince{10};

Result<Time> since_of(const cli::Arguments& arguments, Time now) {
  const auto given = arguments.get("--since");
  if (!given) return now - kUsualSince;
  if (const auto ago = parse_duration(*given)) return now - *ago;
  if (const auto at = parse_rfc3339(*given)) return *at;
  return fail(ErrorKind::bad_input, fmt::format("--since {}: is no time", printable(*given)),
              "10m, 2h, or 2026-11-26T12:00:00Z");
}

Result<Profile> profile_since(const ProfileRing& ring, Time since) {
  SIGNALBOX_TRY(const std::vector<ProfileRing::Entry> entries, ring.list(since));
  Merge merge;
  for (const ProfileRing::Entry& entry : entries) {
    auto octets = read_file(entry.file, kMaxProfileBytes);
    if (!octets && octets.error().kind == ErrorKind::not_found) continue;  // it made room meanwhile
    if (!octets) return fail(std::move(octets).error());
    auto profile = read_profile(*octets, {ProfileFormat::pprof});
    if (!profile) return fail_in(entry.file.string(), std::move(profile).error());
    SIGNALBOX_CHECK(merge.add(*profile));
  }
  auto merged = std::move(merge).finish();
  if (merged) return std::move(*merged);
  return fail(ErrorKind::not_found, fmt::format("no profile since {} is kept here", to_rfc3339(since)),
              "signalbox profile agent status says whether an agent runs");
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Time since, since_of(arguments, context.clock.now()));
  SIGNALBOX_TRY(const std::size_t rows, count_option(arguments, "--top", kRows));
  const ProfileRing ring(agent_folder(context.workspace).ring, {});
  SIGNALBOX_TRY(const Profile profile, profile_since(ring, since));
  SIGNALBOX_TRY(const std::size_t value, value_column(profile, arguments.get("--value")));
  SIGNALBOX_TRY(const std::string format, artifact_format(arguments));
  if (format != kPage && format_from(format)) {
    TopOptions options;
    options.value = value;
    options.order = arguments.has("--cum") ? TopOrder::cumulative : TopOrder::self;
    return cli::Outcome(top_report(top(profile, options), "since " + to_rfc3339(since), rows));
  }
  SIGNALBOX_TRY(std::string octets, drawn(profile, format, value, arguments));
  return cli::Outcome(cli::Artifact{std::move(octets), Verdict::none});
}

}  // namespace

cli::Command agent_report_command() {
  cli::Command out;
  out.name = "report";
  out.summary = "Show the profiles that the agent kept, as one";
  out.options = {{"--since", "TIME", "of the last 10m; also 2h, or an RFC 3339 time", {}, false},
                 value_option(),
                 {"--top", "N", "rows of the table; default 30", {}, false},
                 {"--cum", "", "order by what a function costs with all that it calls", {}, false}};
  for (cli::Option& option : folded_options()) out.options.push_back(std::move(option));
  out.formats = drawn_formats();
  out.run = run;
  return out;
}

}  // namespace signalbox::profile
