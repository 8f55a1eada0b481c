#include <fmt/format.h>

#include "core/base/file_lock.hpp"
#include "core/base/text.hpp"
#include "core/http/metrics_server.hpp"
#include "instruments/profile/agent/agent.hpp"
#include "instruments/profile/agent_folder.hpp"
#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/overhead_option.hpp"
#include "instruments/profile/run_counts.hpp"
#include "instruments/profile/sending.hpp"
#include "instruments/profile/target_selection.hpp"

namespace signalbox::profile {
namespace {

constexpr int kUsualRate = 10;
constexpr long long kHighestRate = 99;  // more is what `record` is for
constexpr std::chrono::seconds kUsualPeriod{10};
constexpr std::chrono::seconds kLongestPeriod{3600};
constexpr std::string_view kUsualOverhead = "0.5%";
constexpr std::string_view kUsualListen = "127.0.0.1:7417";

Result<std::chrono::milliseconds> time_of(const cli::Arguments& arguments, std::string_view option,
                                          std::chrono::milliseconds usual,
                                          std::chrono::milliseconds longest) {
  const auto given = arguments.get(option);
  if (!given) return usual;
  const auto time = parse_duration(*given);
  if (!time || *time < std::chrono::seconds(1) || *time > longest)
    return fail(ErrorKind::bad_input,
                fmt::format("{} {}: is no time from 1s to {}", option, printable(*given), to_text(longest)));
  return *time;
}

Result<AgentOptions> options_of(const cli::Arguments& arguments) {
  AgentOptions out;
  // What is no target at all is said at once; that nothing of the name runs yet is not.
  if (const Status chosen = choose_target(arguments, out.request);
      !chosen && chosen.error().kind != ErrorKind::not_found)
    return fail(chosen.error());
  const std::string rate = arguments.get_or("--rate", std::to_string(kUsualRate));
  const auto hz = parse_integer(rate);
  if (!hz || *hz < 1 || *hz > kHighestRate)
    return fail(ErrorKind::bad_input,
                fmt::format("--rate {}: is no number from 1 to {}", printable(rate), kHighestRate),
                "an agent samples at a low rate; signalbox profile record at a high one");
  out.request.rate_hz = static_cast<int>(*hz);
  out.request.kernel = !arguments.has("--no-kernel");
  out.request.children = !arguments.has("--no-children");
  out.choose = [&arguments](RecordRequest& request) { return choose_target(arguments, request); };
  out.may_return = !arguments.has("--pid");
  SIGNALBOX_TRY(out.every, time_of(arguments, "--every", kUsualPeriod, kLongestPeriod));
  SIGNALBOX_TRY(out.max_overhead, overhead_share(arguments.get_or("--max-overhead", kUsualOverhead)));
  out.annotations = annotations_of_place(std::filesystem::current_path());
  if (const auto url = arguments.get("--push")) {
    SIGNALBOX_TRY(out.push, destination_from(arguments, *url, "--app"));
    for (const auto& label : out.push->labels) out.annotations.push_back(label);
  } else if (arguments.has("--to")) {
    return fail(ErrorKind::bad_input, "--to says what answers, and --push is not given: where?",
                "--push http://127.0.0.1:4040 --to pyroscope");
  }
  return out;
}

Report report_of(const AgentState& state) {
  Report out;
  out.instrument = "profile";
  out.title = "The agent ended";
  out.verdict = Verdict::none;
  out.summary = fmt::format("{} in {}", counted(state.samples, "sample"), counted(state.periods, "period"));
  out.facts = {{"samples", static_cast<std::int64_t>(state.samples), ""},
               {"lost", static_cast<std::int64_t>(state.lost), ""},
               {"profiles kept here", static_cast<std::int64_t>(state.ring_files), ""},
               {"processor time of the agent", state.cpu_seconds, "s"}};
  if (state.uploads) {
    out.facts.push_back({"sent", static_cast<std::int64_t>(state.uploads->sent), ""});
    out.facts.push_back({"waiting to be sent", static_cast<std::int64_t>(state.uploads_waiting), ""});
    if (state.uploads->dropped > 0)
      out.facts.push_back({"dropped to make room", static_cast<std::int64_t>(state.uploads->dropped), ""});
  }
  out.data = to_json(state);
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(AgentOptions options, options_of(arguments));
  RingLimits limits;
  SIGNALBOX_TRY(limits.age, time_of(arguments, "--keep", limits.age, std::chrono::hours(24 * 366)));
  const AgentFolder folder = agent_folder(context.workspace);
  SIGNALBOX_CHECK(make_directories(folder.ring));
  SIGNALBOX_TRY(const std::optional<FileDescriptor> lock,
                lock_file(folder.lock, std::chrono::milliseconds(0), 0600));
  if (!lock)
    return fail(ErrorKind::conflict, "an agent runs in this workspace already",
                "signalbox profile agent status");
  SIGNALBOX_TRY(ControlSocket control, ControlSocket::listen(folder.control));

  std::optional<UploadSender> sender;
  if (options.push) sender.emplace(spool_of(context.workspace, *options.push), *options.push, real_outside());
  AgentState last;
  {
    Agent agent(std::move(options),
                {ProfileRing(folder.ring, limits), std::move(control), sender ? &*sender : nullptr,
                 [&](std::string_view line) { context.say(line); }});
    std::unique_ptr<http::MetricsServer> metrics;
    if (!arguments.has("--no-listen")) {
      SIGNALBOX_TRY(metrics, http::MetricsServer::start(arguments.get_or("--listen", kUsualListen), [&] {
                      return metrics_text(agent.state()) + runs_metric(context.workspace, kRunsByAgent);
                    }));
      context.say(fmt::format("metrics on port {}", metrics->port()));
    }
    SIGNALBOX_CHECK(agent.run());
    if (sender) sender->end();
    last = agent.state();
  }
  return report_of(last);
}

Result<cli::Outcome> ask(const std::string& word, cli::Context& context) {
  SIGNALBOX_TRY(const std::string line, ask_agent(agent_folder(context.workspace).control, word));
  SIGNALBOX_TRY(Json state, parse_json(line));
  if (const Json* error = state.find("error"))
    return fail(ErrorKind::unavailable,
                fmt::format("the agent did not {}: {}", word, printable(error->as_string())),
                "an agent of another version may run: end it, and start it again");
  Report out;
  out.instrument = "profile";
  out.title = fmt::format("The agent is {}", printable(state["state"].as_string()));
  for (const char* name : {"rate_hz", "processes", "samples", "lost", "periods", "ring_files", "ring_bytes"})
    out.facts.push_back({name, state[name], ""});
  if (const Json& overhead = state["overhead"]; overhead.is_number())
    out.facts.push_back(
        {"overhead of the last period", fmt::format("{:.3f} %", overhead.as_number() * 100), ""});
  if (const std::string_view by = state["sampled_by"].as_string(); !by.empty())
    out.facts.push_back({"sampled by", by, ""});
  if (const Json* uploads = state.find("uploads")) {
    out.facts.push_back({"sent", (*uploads)["sent"], ""});
    out.facts.push_back({"waiting to be sent", (*uploads)["waiting"], ""});
    if ((*uploads)["dropped"].as_integer() > 0)
      out.facts.push_back({"dropped to make room", (*uploads)["dropped"], ""});
    if (const std::string_view why = (*uploads)["last_trouble"].as_string(); !why.empty())
      out.facts.push_back({"not sent because", why, ""});
  }
  out.data = std::move(state);
  return cli::Outcome(std::move(out));
}

cli::Command asking(const std::string& word, std::string summary) {
  cli::Command out;
  out.name = word;
  out.summary = std::move(summary);
  out.run = [word](const cli::Arguments&, cli::Context& context) { return ask(word, context); };
  return out;
}

}  // namespace

cli::Command agent_command() {
  cli::Command out;
  out.name = "agent";
  out.summary = "Profile continuously at a low rate, and keep or send a profile each period";
  out.details =
      "Profiles of the last 24 hours, 256 MiB at most, are kept in the workspace. --push sends each; what "
      "the "
      "receiver does not take yet waits. Where a period costs more than --max-overhead, the rate is halved. "
      "Runs until SIGINT or SIGTERM, or until the processes of --pid have ended.";
  out.options = {
      {"--hz,--rate", "HZ", "samples for each second of processor time, 10", {}, false},
      {"--every", "TIME", "how long a period is, 10s", {}, false},
      {"--max-overhead", "PCT", "of the target's processor time, or of one processor; 0.5%", {}, false},
      {"--keep", "TIME", "how long profiles are kept here, 24h", {}, false},
      {"--push", "URL", "send each profile there; --to says what answers", {}, false},
      {"--app", "NAME", "what is profiled, for --push; default: the program", {}, false},
      {"--listen", "ADDRESS", "of this machine itself, for GET /metrics; 127.0.0.1:7417", {}, false},
      {"--no-listen", "", "no /metrics", {}, false},
      {"--no-kernel", "", "no frames of the kernel", {}, false},
      {"--no-children", "", "only the processes themselves", {}, false},
  };
  for (cli::Option& option : selection_options()) out.options.push_back(std::move(option));
  out.options.push_back(system_option());
  for (cli::Option& option : destination_options()) {
    if (option.name != "--name") out.options.push_back(std::move(option));
  }
  out.run = run;
  out.commands = {asking("pause", "Take no samples until it is resumed"),
                  asking("resume", "Take samples again"), asking("status", "Say how the agent is"),
                  agent_report_command()};
  return out;
}

}  // namespace signalbox::profile
