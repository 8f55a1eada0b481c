#include "instruments/profile/fetched_recording.hpp"

#include <filesystem>
#include <future>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/artifacts.hpp"
#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/exchange/pprof_endpoint.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/recorded_statement.hpp"
#include "instruments/profile/sending.hpp"

namespace signalbox::profile {
namespace {

constexpr std::chrono::seconds kUsualDuration{30};
constexpr std::chrono::seconds kShortDuration{10};
constexpr std::chrono::milliseconds kTurn{100};
constexpr std::size_t kRows = 10;

// How samples are taken is the program's own affair here.
Status refuse_what_means_nothing(const cli::Arguments& arguments) {
  if (!arguments.positionals().empty())
    return fail(ErrorKind::bad_input, "--url, and a program to launch, are given",
                "a profile is of one of them");
  for (const char* option :
       {"--pid", "--name", "--cgroup", "--system", "--rate", "--local", "--production", "--max-overhead",
        "--unwind", "--no-kernel", "--no-children", "--no-runtimes", "--propagate-exit"}) {
    if (arguments.has(option))
      return fail(ErrorKind::bad_input, fmt::format("{} means nothing with --url", option),
                  "the program at the address samples itself");
  }
  return {};
}

Result<std::optional<std::chrono::seconds>> duration_of(const cli::Arguments& arguments) {
  if (const auto given = arguments.get("--duration")) {
    const auto duration = parse_duration(*given);
    if (!duration || *duration < std::chrono::seconds(1))
      return fail(ErrorKind::bad_input, fmt::format("--duration {}: is no time", printable(*given)),
                  "for example 30s, 2m");
    return std::optional(std::chrono::ceil<std::chrono::seconds>(*duration));
  }
  if (arguments.has("--short")) return std::optional(kShortDuration);
  return std::optional<std::chrono::seconds>();
}

Result<Profile> fetch_with_progress(const PprofEndpoint& endpoint, const std::vector<NamedValue>& headers,
                                    cli::Context& context) {
  const std::string ca_file = ca_file_from_environment();
  auto fetched = std::async(std::launch::async, [&] { return fetch_pprof(endpoint, headers, ca_file); });
  const auto start = std::chrono::steady_clock::now();
  while (fetched.wait_for(kTurn) != std::future_status::ready) {
    const auto passed =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
    context.progress.update(static_cast<std::uint64_t>(passed.count()),
                            static_cast<std::uint64_t>(endpoint.wait.count()), "s");
  }
  context.progress.finish();
  return fetched.get();
}

// The repository here, and this machine, are the program's own only where it runs here.
Annotations annotations_of(const http::Address& address, const PprofEndpoint& endpoint,
                           const cli::Arguments& arguments) {
  Annotations out{{"source", endpoint.shown}};
  if (http::is_loopback_name(address.host)) {
    for (auto& known : annotations_of_place(std::filesystem::current_path())) out.push_back(std::move(known));
  }
  if (const auto work = arguments.get("--work")) out.emplace_back(annotation_key::kWorkUnits, *work);
  for (auto& label : labels_of(arguments)) out.push_back(std::move(label));
  return out;
}

Report nothing_there(const PprofEndpoint& endpoint) {
  Report out;
  out.instrument = "profile";
  out.verdict = Verdict::fail;
  out.title = fmt::format("Nothing is in the profile of {}", endpoint.shown);
  out.summary = endpoint.is_cpu ? "the program used no processor time meanwhile"
                                : "the program counted nothing of that kind so far";
  out.next = endpoint.is_cpu ? std::vector<std::string>{"a longer --duration, or while the program has work"}
                             : std::vector<std::string>{
                                   "block and mutex count only after runtime.SetBlockProfileRate "
                                   "and runtime.SetMutexProfileFraction"};
  return out;
}

}  // namespace

std::vector<cli::Option> fetching_options() {
  return {
      {"--url", "URL", "a Go program that serves net/http/pprof: the profile it takes of itself", {}, false},
      {"--header", "NAME=VALUE", "sent with the request to --url", {}, true}};
}

Result<cli::Outcome> record_over_http(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_CHECK(refuse_what_means_nothing(arguments));
  const std::string url = *arguments.get("--url");
  SIGNALBOX_TRY(const http::Address address, http::parse_address(url));
  SIGNALBOX_TRY(const auto headers, headers_for(address, arguments.all("--header")));
  SIGNALBOX_TRY(const auto duration, duration_of(arguments));
  SIGNALBOX_TRY(const PprofEndpoint endpoint, pprof_endpoint(url, duration, kUsualDuration));
  SIGNALBOX_CHECK(positive_number(arguments, "--work"));
  Annotations said = annotations_of(address, endpoint, arguments);
  const std::string stem =
      default_stem(address.host, std::chrono::nanoseconds(context.clock.now().time_since_epoch()).count(),
                   annotation(said, annotation_key::kGitCommit).value_or(""));
  SIGNALBOX_TRY(const std::vector<Artifact> artifacts,
                choose_artifacts(arguments.get_or("--output", ""), arguments.all("--format"), stem));
  SIGNALBOX_CHECK(check_writable(artifacts));

  SIGNALBOX_TRY(Profile profile, fetch_with_progress(endpoint, headers, context));
  if (profile.samples.empty()) return nothing_there(endpoint);
  for (auto& each : said) profile.annotations.push_back(std::move(each));
  SIGNALBOX_TRY(const Written written, write_artifacts(profile, artifacts));
  TopOptions options;
  options.value = profile.default_value;
  Report report = top_report(top(profile, options), app_of(profile, address.host), kRows);
  std::vector<std::string> files;
  for (const WrittenFile& file : written.files) files.push_back(file.path.native());
  report.summary = fmt::format("from {}: {}", endpoint.shown, join(files, ", "));
  SIGNALBOX_CHECK(record_run(profile, written, context, report));
  if (written.why) return cli::Unanswered{std::move(report), *written.why};
  return report;
}

}  // namespace signalbox::profile
