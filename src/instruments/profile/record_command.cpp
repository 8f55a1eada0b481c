#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/artifacts.hpp"
#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/capture/command_masking.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/symbolize.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/fetched_recording.hpp"
#include "instruments/profile/keeping.hpp"
#include "instruments/profile/overhead_option.hpp"
#include "instruments/profile/probe_options.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/record_report.hpp"
#include "instruments/profile/recorded_statement.hpp"
#include "instruments/profile/runtimes/launch_environment.hpp"
#include "instruments/profile/target_selection.hpp"
#include "instruments/profile/untold_time.hpp"

namespace signalbox::profile {
namespace {

constexpr std::chrono::milliseconds kTurn{100};  // samples are taken at least this often
constexpr std::chrono::seconds kUsualDuration{30};
constexpr std::chrono::seconds kShortDuration{10};
constexpr std::int64_t kUsualRate = 99;
constexpr std::int64_t kLocalRate = 999;
constexpr std::int64_t kHighestRate = 9'999;
constexpr std::int64_t kProductionRate = 4;
constexpr std::int64_t kHighestProductionRate = 5;
constexpr double kProductionOverhead = 0.005;

Result<int> rate_of(const cli::Arguments& arguments) {
  const auto given = arguments.get("--rate");
  const bool in_production = arguments.has("--production");
  if (in_production && arguments.has("--local"))
    return fail(ErrorKind::bad_input, "--local and --production are two rates", "name one of them");
  if (!given)
    return static_cast<int>(in_production              ? kProductionRate
                            : arguments.has("--local") ? kLocalRate
                                                       : kUsualRate);
  const auto rate = parse_integer(*given);
  if (in_production && (!rate || *rate < 1 || *rate > kHighestProductionRate))
    return fail(
        ErrorKind::bad_input,
        fmt::format("--rate {}: with --production 1 to {}", printable(*given), kHighestProductionRate),
        "4 is usual there; more samples come from more time");
  if (!rate || *rate < 1 || *rate > kHighestRate)
    return fail(ErrorKind::bad_input,
                fmt::format("--rate {}: is no number from 1 to {}", printable(*given), kHighestRate),
                "samples for each second of processor time; 99 is usual, 999 for short runs");
  return static_cast<int>(*rate);
}

// As a share of the target's processor time.
Result<std::optional<double>> overhead_limit_of(const cli::Arguments& arguments) {
  const auto given = arguments.get("--max-overhead");
  if (!given)
    return arguments.has("--production") ? std::optional<double>(kProductionOverhead)
                                         : std::optional<double>();
  SIGNALBOX_TRY(const double share, overhead_share(*given));
  return std::optional<double>(share);
}

Result<std::optional<std::chrono::nanoseconds>> duration_of(const cli::Arguments& arguments, bool launches) {
  if (const auto given = arguments.get("--duration")) {
    const auto duration = parse_duration(*given);
    if (!duration || *duration <= std::chrono::nanoseconds{})
      return fail(ErrorKind::bad_input, fmt::format("--duration {}: is no time", printable(*given)),
                  "for example 30s, 2m");
    return std::optional<std::chrono::nanoseconds>(*duration);
  }
  if (arguments.has("--short")) return std::optional<std::chrono::nanoseconds>(kShortDuration);
  if (launches) return std::optional<std::chrono::nanoseconds>();
  return std::optional<std::chrono::nanoseconds>(kUsualDuration);
}

Unwinding unwinding_of(const std::string& name) {
  if (name == "fp") return Unwinding::frame_pointers;
  return name == "dwarf" ? Unwinding::dwarf : Unwinding::automatic;
}

std::string_view name_of(Mode mode) {
  if (mode == Mode::cpu) return "cpu";
  if (mode == Mode::hits) return "hits";
  return mode == Mode::off_cpu ? "off-cpu" : "wall";
}

std::string_view event_of(const RecordRequest& request) {
  if (request.probe) return request.probe->text;
  if (request.mode == Mode::cpu) return "cpu-clock";
  return request.mode == Mode::off_cpu ? "sched_switch" : "cpu-clock,sched_switch";
}

Mode mode_of(const std::string& name) {
  if (name == "off-cpu") return Mode::off_cpu;
  return name == "wall" ? Mode::wall : Mode::cpu;
}

// "800ns", "20us", "1ms", "2s".
std::optional<std::chrono::nanoseconds> short_time(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};
  constexpr std::int64_t kMost = 1'000'000'000;
  for (const auto& [unit, ns] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto count = parse_integer(text.substr(0, text.size() - unit.size()));
    if (!count || *count < 0 || *count > kMost) continue;
    return std::chrono::nanoseconds(*count * ns);
  }
  return std::nullopt;
}

// How waits are told of; what only samples have is refused where there are none, and the other way round.
Status take_wait_options(const cli::Arguments& arguments, RecordRequest& request) {
  const std::string mode = arguments.get_or("--mode", "cpu");
  request.mode = mode_of(mode);
  request.wakers = arguments.has("--wakers");
  const auto given = arguments.get("--min-block");
  if (request.mode == Mode::cpu && (request.wakers || given))
    return fail(
        ErrorKind::bad_input,
        fmt::format("{} is of waits, and --mode cpu tells of none", given ? "--min-block" : "--wakers"),
        "--mode off-cpu, or wall");
  if (request.mode != Mode::cpu && request.system)
    return fail(ErrorKind::bad_input, fmt::format("--mode {} is of processes, not of --system", mode),
                "--pid, --name or --cgroup choose processes");
  if (request.mode != Mode::cpu && request.overhead_limit)
    return fail(ErrorKind::bad_input,
                fmt::format("--mode {} tells of every wait: that costs the same at half the rate", mode),
                "leave --max-overhead and --production out; --min-block 1ms leaves short waits out");
  if (request.mode == Mode::off_cpu && (arguments.has("--rate") || arguments.has("--local")))
    return fail(ErrorKind::bad_input, "--mode off-cpu tells of every wait: there is no rate",
                "--min-block 1ms leaves short waits out");
  if (request.mode != Mode::cpu && request.unwinding != Unwinding::automatic)
    return fail(ErrorKind::bad_input, fmt::format("--unwind is not for --mode {}", mode),
                "the stacks of waits are walked in the kernel, and here where that is not possible");
  if (!given) return {};
  const auto shortest = short_time(*given);
  if (!shortest)
    return fail(ErrorKind::bad_input, fmt::format("--min-block {}: is no time", printable(*given)),
                "for example 20us or 1ms; 0us tells of every wait");
  request.shortest_wait = *shortest;
  return {};
}

Result<RecordRequest> request_of(const cli::Arguments& arguments) {
  RecordRequest out;
  SIGNALBOX_CHECK(choose_target(arguments, out));
  SIGNALBOX_TRY(out.duration, duration_of(arguments, !out.program.empty()));
  SIGNALBOX_TRY(out.rate_hz, rate_of(arguments));
  SIGNALBOX_TRY(out.overhead_limit, overhead_limit_of(arguments));
  out.unwinding = unwinding_of(arguments.get_or("--unwind", "auto"));
  SIGNALBOX_CHECK(take_wait_options(arguments, out));
  SIGNALBOX_CHECK(take_probe(arguments, out));
  out.kernel = !arguments.has("--no-kernel");
  out.children = !arguments.has("--no-children");
  out.asks_runtimes = !arguments.has("--no-runtimes");
  if (out.asks_runtimes) out.environment = launch_environment();
  return out;
}

// `argv`: of the target.
Annotations annotations_of(const RecordRequest& request, const Recording& recording,
                           const std::vector<std::string>& argv, const cli::Arguments& arguments,
                           Annotations place) {
  Annotations out;
  if (!argv.empty() && !arguments.has("--no-annotate-argv"))
    out.emplace_back("command", as_shell_words(masked(argv)));
  out.emplace_back("mode", name_of(request.mode));
  out.emplace_back("event", event_of(request));
  if (samples_time(request.mode))
    for (auto& rate : annotations_of_rate(request, recording)) out.push_back(std::move(rate));
  out.emplace_back("sampler", recording.rung);
  for (auto& known : place) out.push_back(std::move(known));
  if (const auto work = arguments.get("--work")) out.emplace_back(annotation_key::kWorkUnits, *work);
  for (auto& label : labels_of(arguments)) out.push_back(std::move(label));
  for (auto& [key, value] : annotations_of_quality(recording)) out.emplace_back(key, value);
  return out;
}

// With the time of each sample, which files to look at leave out. The statement of a run is about it, too.
Status keep(const Profile& profile, const cli::Context& context, Written& written, Report& report) {
  WriteOptions options;
  options.times = SampleTimes::kept;
  SIGNALBOX_TRY(const std::string octets, write_profile(profile, ProfileFormat::pprof, options));
  const ImportedProfile imported{profile, ProfileFormat::pprof, {}};
  SIGNALBOX_TRY(const KeptThere there, keep_profile(octets, imported, {}, context));
  report.facts.push_back({"kept", fmt::format("{} of {}", there.id.substr(0, 12), there.service), ""});
  report.data.set("kept", there.id);
  written.files.push_back({"kept.pb.gz", there.id});
  return {};
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  if (arguments.has("--url")) return record_over_http(arguments, context);
  SIGNALBOX_TRY(const RecordRequest request, request_of(arguments));
  SIGNALBOX_CHECK(positive_number(arguments, "--work"));
  // What cannot be written is said before anything is measured; the name's time is that of the start.
  Annotations place = annotations_of_place(std::filesystem::current_path());
  const std::string comm = request.system            ? "system"
                           : request.program.empty() ? comm_of(request.pids.front(), request.pids.front())
                                                     : target_name(request);
  const std::string stem =
      default_stem(comm, std::chrono::nanoseconds(context.clock.now().time_since_epoch()).count(),
                   annotation(place, annotation_key::kGitCommit).value_or(""));
  SIGNALBOX_TRY(const std::vector<Artifact> artifacts,
                choose_artifacts(arguments.get_or("--output", ""), arguments.all("--format"), stem));
  SIGNALBOX_CHECK(check_writable(artifacts));

  SIGNALBOX_TRY(const std::unique_ptr<Session> session, Session::start(request));
  // As it is now: the target may end before the recording does.
  const std::vector<std::string> argv =
      request.program.empty() ? command_of(session->so_far().pid) : request.program;
  ProfileMaker maker(request.mode, request.kernel, request.probe ? name_of_hits(*request.probe) : "hits");
  while (session->turn(kTurn)) {
    // Where profiling has a limit, symbols wait until the target is left alone.
    if (!request.overhead_limit) maker.read_ahead(session->recorder());
    const RecordingQuality& quality = session->recorder().quality();
    const std::string_view what = request.mode == Mode::off_cpu ? "waits"
                                  : request.mode == Mode::hits  ? "hits"
                                                                : "samples";
    context.progress.update(
        static_cast<std::uint64_t>(request.mode == Mode::off_cpu ? quality.waits : quality.samples), 0,
        quality.lost > 0 ? fmt::format("{}, {} lost", what, quality.lost) : std::string(what));
  }
  Recording recording = std::move(*session).finish();
  const auto ended = [&](Report report) -> cli::Outcome {
    if (arguments.has("--propagate-exit") && recording.exit_code)
      return cli::Relayed{std::move(report), *recording.exit_code};
    return report;
  };
  if (recording.quality.samples + recording.quality.waits == 0)
    return ended(nothing_captured(request, recording));
  std::vector<RuntimeNote> said;
  const Profile profile = std::move(maker).make(
      recording, annotations_of(request, recording, argv, arguments, std::move(place)), &said);
  recording.runtimes.insert(recording.runtimes.end(), said.begin(), said.end());
  SIGNALBOX_TRY(Written written, write_artifacts(profile, artifacts));
  Report report = record_report(profile, recording, written);
  if (auto untold = request.mode == Mode::cpu ? untold_time(recording) : std::nullopt)
    report.findings.push_back(std::move(*untold));
  if (arguments.has("--keep")) SIGNALBOX_CHECK(keep(profile, context, written, report));
  SIGNALBOX_CHECK(record_run(profile, written, context, report));
  if (written.why) return cli::Unanswered{std::move(report), *written.why};
  return ended(std::move(report));
}

}  // namespace

cli::Command record_command() {
  cli::Command out;
  out.name = "record";
  out.summary = "Profile a program, or processes that run";
  out.details =
      "Samples where processor time goes, and tells of each wait where threads wait (--mode off-cpu, wall), "
      "or from where a place is come by (--probe), "
      "with whole stacks of machine code, the kernel and runtimes, "
      "without a rebuild. A "
      "launched program is profiled until it ends, a running one for 30 seconds; Ctrl-C ends it early. A "
      "flame graph and a "
      "pprof profile are written, and the functions that take most are printed.";
  out.positionals = {{"PROGRAM", "what to launch, with its arguments", cli::Positional::Count::program}};
  out.options = {
      {"--duration", "TIME", "how long, 30s unless a program is launched", {}, false},
      {"--short", "", "ten seconds", {}, false},
      {"--hz,--rate", "HZ", "samples for each second of processor time, 99", {}, false},
      {"--local", "", "at 999 Hz, for short runs on one's own machine", {}, false},
      {"--production", "", "at 4 Hz, with --max-overhead 0.5%: for machines that serve", {}, false},
      {"--max-overhead",
       "PCT",
       "halve the rate of samples while profiling costs more of the target's processor time than this",
       {},
       false},
      {"--mode",
       "WHAT",
       "where processor time goes, where threads wait, or both: cpu",
       {"cpu", "off-cpu", "wall"},
       false},
      {"--min-block", "TIME", "shorter waits are only added up: 1us", {}, false},
      {"--wakers", "", "waits end in who ended them", {}, false},
      {"--format", "NAME", "files to write: " + join(artifact_format_names(), ", "), {}, true},
      {"--keep", "", "keep the profile where `signalbox serve` shows it", {}, false},
      {"--unwind", "HOW", "how stacks are walked", {"auto", "fp", "dwarf"}, false},
      {"--no-kernel", "", "no frames of the kernel", {}, false},
      {"--no-children", "", "only the process itself", {}, false},
      {"--no-runtimes",
       "",
       "tell Node and Java nothing by environment, and ask a JVM that runs nothing: their code has "
       "no names then",
       {},
       false},
      {"--work",
       "N",
       "how much the program did, in units of its own: costs are compared for each of them",
       {},
       false},
      {"--label", "KEY=VALUE", "say this of the profile, too", {}, true},
      {"--no-annotate-argv", "", "leave the command line out of the profile", {}, false},
      {"--propagate-exit", "", "end with the exit code of the launched program", {}, false},
  };
  for (cli::Option& option : probe_options()) out.options.push_back(std::move(option));
  for (cli::Option& option : fetching_options()) out.options.push_back(std::move(option));
  for (cli::Option& option : selection_options()) out.options.push_back(std::move(option));
  out.options.push_back(system_option());
  out.output = cli::Command::Output::own_files;
  out.run = run;
  return out;
}

}  // namespace signalbox::profile
