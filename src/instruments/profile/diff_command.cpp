#include <fmt/format.h>

#include "instruments/profile/analysis/compare.hpp"
#include "instruments/profile/analysis/signed_difference.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/difference.hpp"
#include "instruments/profile/draw/flame_html.hpp"
#include "instruments/profile/draw/flame_svg.hpp"
#include "instruments/profile/drawn_profile.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/work_options.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kRows = 20;
constexpr std::string_view kPprof = "pprof";

Result<CompareOptions> options_of(const cli::Arguments& arguments, const ProfileFile& base,
                                  const ProfileFile& fresh) {
  SIGNALBOX_TRY(const WorkOptions work, work_options(arguments));
  const auto wanted = arguments.get("--normalize");
  SIGNALBOX_TRY(CompareOptions out,
                compare_options(wanted ? std::optional<std::string_view>(*wanted) : std::nullopt,
                                base.profile, fresh.profile, work));
  out.value = arguments.get("--value");
  return out;
}

std::string flame_graph(const ProfileFile& base, const ProfileFile& fresh, const CompareOptions& options,
                        const ValueType& type, const std::string& format) {
  FlameDifferenceOptions flame = flame_difference_options(options, fresh.profile, type);
  if (format == kPage) flame.flame = page_options(flame.flame);
  const auto make = [&](double share) {
    flame.flame.prune_share = share;
    return make_flame_difference(base.profile, fresh.profile, flame);
  };
  return format == kPage ? render_flame_html(make(flame.flame.prune_share)) : fitted_flame_svg(make);
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const ProfileFile base, read_profile_file(arguments.positionals()[0], arguments, context));
  SIGNALBOX_TRY(const ProfileFile fresh, read_profile_file(arguments.positionals()[1], arguments, context));
  SIGNALBOX_TRY(const CompareOptions options, options_of(arguments, base, fresh));
  SIGNALBOX_TRY(const std::size_t rows, count_option(arguments, "--top", kRows));
  SIGNALBOX_TRY(const Difference difference, compare(base.named(), fresh.named(), options));
  SIGNALBOX_TRY(const std::string format, artifact_format(arguments));
  if (format != kPage && format_from(format)) return cli::Outcome(difference_report(difference, rows));
  if (format == kFlamegraph || format == kPage) {
    return cli::Outcome(
        cli::Artifact{flame_graph(base, fresh, options, difference.type, format), Verdict::none});
  }
  if (format != kPprof) {
    return fail(ErrorKind::bad_input, fmt::format("a difference is not written as {}", format),
                "text, json, md, flamegraph, html, pprof");
  }
  SIGNALBOX_TRY(const Profile both, signed_difference(base.named(), fresh.named(),
                                                      difference.base_scale / difference.fresh_scale));
  SIGNALBOX_TRY(std::string octets, drawn(both, format, both.default_value, arguments));
  return cli::Outcome(cli::Artifact{std::move(octets), Verdict::none});
}

}  // namespace

cli::Command diff_command() {
  cli::Command command;
  command.name = "diff";
  command.summary = "Show what changed between two profiles";
  command.details =
      "Functions are the same by name, without hashes and endings of clones, and by the name of their "
      "module. "
      "--normalize says what makes the profiles comparable: work (cost per unit of work; the default where "
      "both "
      "profiles tell their units), samples (as if both had as many: shares; a change of all functions alike "
      "is not "
      "seen), none.\n\n"
      "Intervals are 95 %, of sampling alone. `signalbox profile check` judges several runs. --format md is "
      "for a "
      "comment on a pull request; pprof has the base below zero, for `go tool pprof`.";
  command.options = {{.name = "--normalize",
                      .value = "HOW",
                      .help = "what makes them comparable",
                      .choices = {"work", "samples", "none"}},
                     value_option(),
                     input_format_option(),
                     {.name = "--top", .value = "N", .help = "rows of each table; default 20"}};
  for (cli::Option& option : work_option_list()) command.options.push_back(std::move(option));
  command.positionals = {{"BASE", "the profile before"}, {"NEW", "the profile after"}};
  command.formats = {"text", "json", "md", std::string(kFlamegraph), std::string(kPage), std::string(kPprof)};
  command.run = run;
  return command;
}

}  // namespace signalbox::profile
