#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/filter.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/analysis/waits.hpp"
#include "instruments/profile/assembly_listing.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/drawn_profile.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/source_listing.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kRows = 30;

Status read_pattern(const cli::Arguments& arguments, std::string_view option,
                    std::optional<NamePattern>& out) {
  const auto text = arguments.get(option);
  if (!text) return {};
  auto pattern = NamePattern::compile(*text);
  if (!pattern) return fail_in(option, std::move(pattern).error());
  out = std::move(*pattern);
  return {};
}

Status read_numbers(const cli::Arguments& arguments, std::string_view option,
                    std::vector<std::int32_t>& out) {
  for (const std::string& word : arguments.all(option)) {
    const auto number = parse_integer(word);
    if (!number || *number < 0 || *number > INT32_MAX)
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: `{}` is no number of a process or thread", option, printable(word)));
    out.push_back(static_cast<std::int32_t>(*number));
  }
  return {};
}

Result<Filter> filter_of(const cli::Arguments& arguments, const ProfileFile& file) {
  Filter out;
  SIGNALBOX_CHECK(read_pattern(arguments, "--focus", out.focus));
  SIGNALBOX_CHECK(read_pattern(arguments, "--ignore", out.ignore));
  SIGNALBOX_CHECK(read_pattern(arguments, "--hide", out.hide));
  SIGNALBOX_CHECK(read_pattern(arguments, "--show-from", out.show_from));
  SIGNALBOX_CHECK(read_numbers(arguments, "--pid", out.pids));
  SIGNALBOX_CHECK(read_numbers(arguments, "--tid", out.tids));
  if (arguments.has("--no-kernel")) out.kernel = KernelFrames::hidden;
  if (const auto text = arguments.get("--slice")) {
    SIGNALBOX_TRY(out.slice, parse_time_slice(*text));
    if (!has_times(file.profile)) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: its samples have no times, so there is no --slice of it", file.name),
                  "formats that keep them: see docs/commands/profile.md");
    }
  }
  return out;
}

Report report_of(const Profile& profile, const std::string& name, std::size_t value, std::size_t rows,
                 const cli::Arguments& arguments) {
  TopOptions options;
  options.value = value;
  options.by = arguments.has("--lines") ? TopBy::line : TopBy::function;
  options.order = arguments.has("--cum") ? TopOrder::cumulative : TopOrder::self;
  Report out = top_report(top(profile, options), name, rows);
  add_waits(out, profile, value, rows);
  return out;
}

// The function whose name is, or else matches, what was asked. bad_input where none or several match.
Result<std::string> function_named(const Profile& profile, std::size_t value, std::string_view option,
                                   const std::string& asked) {
  if (has_function(profile, asked)) return asked;
  SIGNALBOX_TRY(const NamePattern pattern, NamePattern::compile(asked));
  std::vector<std::string> names;
  TopOptions options;
  options.value = value;
  options.order = TopOrder::cumulative;
  for (const TopRow& row : top(profile, options).rows) {
    const std::string& name = row.function.name;
    if (!row.function.is_synthetic && pattern.matches(name) &&
        std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  if (names.size() == 1) return names.front();
  constexpr std::size_t kShown = 5;
  std::string shown;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
    shown += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.empty())
    return fail(ErrorKind::bad_input,
                fmt::format("{}: no function is called `{}`", option, printable(asked)));
  return fail(ErrorKind::bad_input,
              fmt::format("{}: `{}` matches {}", option, printable(asked), counted(names.size(), "function")),
              fmt::format("the whole name of one of them: {}{}", shown, names.size() > kShown ? " …" : ""));
}

Result<SourceFinder> source_finder(const cli::Arguments& arguments, const Workspace& workspace) {
  const auto folder = arguments.get("--source-path");
  if (folder && !std::filesystem::is_directory(*folder))
    return fail(ErrorKind::bad_input, fmt::format("--source-path: {} is no folder", printable(*folder)));
  return folder ? SourceFinder::in_folder(*folder, workspace.state)
                : SourceFinder(workspace.root, workspace.state, SourceReader::owner);
}

Result<cli::Outcome> source_of(const Profile& profile, std::size_t value, const std::string& asked,
                               const cli::Arguments& arguments, const cli::Context& context) {
  SourceQuery query;
  query.value = value;
  SIGNALBOX_TRY(query.function, function_named(profile, value, "--source", asked));
  SIGNALBOX_TRY(const SourceFinder finder, source_finder(arguments, context.workspace));
  SIGNALBOX_TRY(const SourceListing listing, list_source(profile, query, finder));
  return cli::Outcome(source_report(listing));
}

Result<cli::Outcome> assembly_of(const Profile& profile, std::size_t value, const std::string& asked,
                                 const cli::Arguments& arguments, const cli::Context& context) {
  AssemblyQuery query;
  query.value = value;
  query.syntax = arguments.has("--intel") ? Syntax::intel : Syntax::att;
  SIGNALBOX_TRY(query.function, function_named(profile, value, "--asm", asked));
  SIGNALBOX_TRY(const SourceFinder finder, source_finder(arguments, context.workspace));
  const CodeFinder code(std::make_shared<DebuginfodClient>(SymbolLimits{}));
  SIGNALBOX_TRY(const AssemblyListing listing, list_assembly(profile, query, code, finder));
  return cli::Outcome(assembly_report(listing));
}

// What is told of one function, where --source or --asm names one.
Result<std::optional<cli::Outcome>> function_told(const Profile& profile, std::size_t value,
                                                  const std::string& format, const cli::Arguments& arguments,
                                                  const cli::Context& context) {
  const auto source = arguments.get("--source");
  const auto assembly = arguments.get("--asm");
  if (source && assembly)
    return fail(ErrorKind::bad_input, "--source and --asm: one of them",
                "--asm shows source lines beside instructions");
  if (arguments.has("--intel") && !assembly) return fail(ErrorKind::bad_input, "--intel: goes with --asm");
  if (!source && !assembly) return std::optional<cli::Outcome>();
  if (format == kPage || !format_from(format))
    return fail(ErrorKind::bad_input,
                fmt::format("{}: {} are told as text, json or md, not as {}", source ? "--source" : "--asm",
                            source ? "lines" : "instructions", format));
  auto told = source ? source_of(profile, value, *source, arguments, context)
                     : assembly_of(profile, value, *assembly, arguments, context);
  if (!told) return fail(std::move(told).error());
  return std::optional(std::move(*told));
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string path = arguments.positionals().front();
  SIGNALBOX_TRY(const ProfileFile file, read_profile_file(path, arguments, context));
  SIGNALBOX_TRY(const std::size_t value, value_column(file.profile, arguments.get("--value")));
  SIGNALBOX_TRY(const std::size_t rows, count_option(arguments, "--top", kRows));
  SIGNALBOX_TRY(const Filter filter, filter_of(arguments, file));
  const Profile kept = filtered(file.profile, filter);
  if (kept.samples.empty() && !file.profile.samples.empty()) {
    return fail(ErrorKind::bad_input, fmt::format("{}: no sample is left", path),
                "--focus, --ignore, --hide, --show-from, --slice, --pid or --tid leave nothing over");
  }
  SIGNALBOX_TRY(const std::string format, artifact_format(arguments));
  SIGNALBOX_TRY(std::optional<cli::Outcome> told, function_told(kept, value, format, arguments, context));
  if (told) return std::move(*told);
  if (format != kPage && format_from(format)) {
    const std::string name = std::filesystem::path(path).filename().string();
    return cli::Outcome(report_of(kept, name, value, rows, arguments));
  }
  SIGNALBOX_TRY(std::string octets, drawn(kept, format, value, arguments));
  return cli::Outcome(cli::Artifact{std::move(octets), Verdict::none});
}

}  // namespace

cli::Command report_command() {
  cli::Command command;
  command.name = "report";
  command.summary = "Show a profile, or a part of it, as a table or in another format";
  command.details =
      "FILE is a profile of any format that is read. Each share has its 95 % interval. The filters mean what "
      "options of `go tool pprof` of the same name mean; expressions are RE2's and match names of functions, "
      "source files and modules.\n\n"
      "--format and the ending of -o choose what is written: a table (text, json, md), a picture, or a "
      "profile in "
      "another format.";
  command.options = {
      input_format_option(),
      value_option(),
      {.name = "--top", .value = "N", .help = "rows of the table; default 30"},
      {.name = "--cum", .help = "order by what a function costs with all that it calls"},
      {.name = "--lines", .help = "a row for each line"},
      {.name = "--source", .value = "FUNCTION", .help = "its source, with what each line costs"},
      {.name = "--asm",
       .value = "FUNCTION",
       .help = "its machine code, with what each instruction costs and the lines that it was made of"},
      {.name = "--intel", .help = "machine code as Intel writes it, not AT&T"},
      {.name = "--source-path",
       .value = "DIR",
       .help = "where sources are looked for; default: the workspace"},
      {.name = "--focus", .value = "REGEX", .help = "only stacks that have such a frame"},
      {.name = "--ignore", .value = "REGEX", .help = "no stacks that have such a frame"},
      {.name = "--hide", .value = "REGEX", .help = "leave such frames out: their cost is their callers'"},
      {.name = "--show-from", .value = "REGEX", .help = "stacks from their outermost such frame on"},
      {.name = "--slice", .value = "FROM-TO", .help = "a part of the time: 3.2s-4s, 500ms-"},
      {.name = "--pid", .value = "N", .help = "samples of this process", .repeated = true},
      {.name = "--tid", .value = "N", .help = "samples of this thread", .repeated = true},
      {.name = "--no-kernel", .help = "leave frames of the kernel out"}};
  for (cli::Option& option : folded_options()) command.options.push_back(std::move(option));
  command.positionals = {{"FILE", "the profile"}};
  command.formats = drawn_formats();
  command.run = run;
  return command;
}

}  // namespace signalbox::profile
