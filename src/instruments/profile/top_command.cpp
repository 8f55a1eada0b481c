#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/waits.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/live/terminal.hpp"
#include "instruments/profile/live/top_view.hpp"
#include "instruments/profile/live/watch.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/runtimes/launch_environment.hpp"
#include "instruments/profile/target_selection.hpp"

namespace signalbox::profile {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kTurn{100};
constexpr std::chrono::milliseconds kTurnAtKeys{50};  // a key is answered so soon
constexpr nanoseconds kUsualInterval = std::chrono::seconds(1);
constexpr nanoseconds kShortestInterval = std::chrono::milliseconds(100);
constexpr std::size_t kUsualRate = 99;
constexpr std::size_t kHighestRate = 9'999;
constexpr std::size_t kUsualRows = 20;

// How it is looked at.
struct Look {
  nanoseconds interval = kUsualInterval;
  TopOrder order = TopOrder::self;
  std::size_t rows = kUsualRows;
  std::optional<std::size_t> count;  // of intervals; nullopt: until the target ends
  std::string target;                // "split (4711)"
};

Result<nanoseconds> interval_of(const cli::Arguments& arguments) {
  const auto given = arguments.get("--interval");
  if (!given) return kUsualInterval;
  const auto interval = parse_duration(*given);
  if (!interval || *interval < kShortestInterval)
    return fail(ErrorKind::bad_input,
                fmt::format("--interval {}: is no time of 100ms or more", printable(*given)),
                "for example 1s, 500ms");
  return nanoseconds(*interval);
}

Result<RecordRequest> request_of(const cli::Arguments& arguments) {
  RecordRequest out;
  SIGNALBOX_CHECK(choose_target(arguments, out));
  SIGNALBOX_TRY(const std::size_t rate, count_option(arguments, "--rate", kUsualRate));
  if (rate > kHighestRate)
    return fail(ErrorKind::bad_input, fmt::format("--rate {}: at most {}", rate, kHighestRate));
  out.rate_hz = static_cast<int>(rate);
  if (arguments.get_or("--sort", "flat") == "off") {
    out.mode = Mode::off_cpu;
    if (out.system || arguments.has("--rate"))
      return fail(ErrorKind::bad_input,
                  fmt::format("--sort off tells of every wait of processes: there is no {}",
                              out.system ? "--system" : "--rate"),
                  "--pid, --name or --cgroup choose processes");
  }
  out.kernel = !arguments.has("--no-kernel");
  out.children = !arguments.has("--no-children");
  out.environment = launch_environment();
  return out;
}

// What a program that is started meanwhile has as its standard streams: nothing, where the terminal is drawn
// on; else what we have, but that its output goes where our words go, and not between our tables.
class StreamsOfProgram {
 public:
  enum class Kind { none, beside };
  explicit StreamsOfProgram(Kind kind) {
    for (int i = 0; i < 3; ++i) before_[i] = FileDescriptor{::fcntl(i, F_DUPFD_CLOEXEC, 3)};
    if (kind == Kind::beside) {
      ::dup2(STDERR_FILENO, STDOUT_FILENO);
      return;
    }
    const FileDescriptor null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (int i = 0; i < 3 && null; ++i) ::dup2(null.get(), i);
  }
  ~StreamsOfProgram() {
    for (int i = 0; i < 3; ++i) {
      if (before_[i]) ::dup2(before_[i].get(), i);
    }
  }
  StreamsOfProgram(const StreamsOfProgram&) = delete;
  StreamsOfProgram& operator=(const StreamsOfProgram&) = delete;

 private:
  FileDescriptor before_[3];
};

Result<std::unique_ptr<Session>> start(const RecordRequest& request, StreamsOfProgram::Kind streams) {
  if (request.program.empty()) return Session::start(request);
  const StreamsOfProgram meanwhile(streams);
  return Session::start(request);
}

// Tells of the launched program where it goes on.
void say_what_goes_on(const Watch& watch, const RecordRequest& request, cli::Context& context) {
  if (const auto pid = watch.program_that_goes_on())
    context.say(fmt::format("{} goes on as process {}", request.program.front(), *pid));
}

// A table for each interval, or a line of JSON, to standard output; into `kept` where a file is asked for.
Result<cli::Outcome> print(const RecordRequest& request, const Look& look, bool is_kept,
                           cli::Context& context) {
  SIGNALBOX_TRY(std::unique_ptr<Session> session, start(request, StreamsOfProgram::Kind::beside));
  Watch watch(std::move(session), request, look.order);
  std::string kept;
  std::size_t printed = 0;
  const auto put = [&]() -> Status {
    const Interval interval = watch.next();
    Report report = interval_report(interval, look.target, look.rows);
    if (interval.samples > 0) add_waits(report, watch.profile(), interval.top.value, look.rows);
    std::string octets = context.format == Format::json ? to_json(report).dump() + "\n"
                                                        : render_text(report, context.style) + "\n";
    ++printed;
    if (is_kept) {
      kept += octets;
      return {};
    }
    const bool is_written = std::fwrite(octets.data(), 1, octets.size(), stdout) == octets.size();
    if (!is_written || std::fflush(stdout) != 0)
      return fail(error_from_errno(errno, "writing to standard output"));
    return {};
  };
  nanoseconds next = look.interval;
  bool goes_on = true;
  while (goes_on && (!look.count || printed < *look.count)) {
    const nanoseconds left = std::max(next - watch.elapsed(), nanoseconds{});
    SIGNALBOX_TRY(goes_on, watch.turn(std::min(kTurn, std::chrono::ceil<std::chrono::milliseconds>(left))));
    if (!goes_on || watch.elapsed() < next) continue;
    SIGNALBOX_CHECK(put());
    next = next_end(next, look.interval, watch.elapsed());
  }
  // The last, shorter one, where there is anything in it.
  if (!goes_on && (!look.count || printed < *look.count) && (printed == 0 || watch.has_samples()))
    SIGNALBOX_CHECK(put());
  say_what_goes_on(watch, request, context);
  return cli::Outcome(cli::Artifact{std::move(kept), Verdict::none});
}

// On a terminal, with keys.
Result<cli::Outcome> show(const RecordRequest& request, const Look& look, cli::Context& context) {
  SIGNALBOX_TRY(std::unique_ptr<Session> session, start(request, StreamsOfProgram::Kind::none));
  Watch watch(std::move(session), request, look.order);
  SIGNALBOX_TRY(std::unique_ptr<Terminal> terminal, Terminal::open(STDIN_FILENO, STDOUT_FILENO));
  TopView view("signalbox profile top: " + look.target, look.order);
  KeyReader keys;
  TerminalSize size = terminal->size();
  nanoseconds next = look.interval;
  std::size_t shown = 0;
  bool is_over = false;
  bool is_news = true;
  while (!is_over && (!look.count || shown < *look.count)) {
    if (is_news) terminal->draw(view.draw(size));
    is_news = false;
    SIGNALBOX_TRY(const bool goes_on, watch.turn(kTurnAtKeys));
    is_over = !goes_on;
    const auto typed = terminal->typed();
    if (!typed) break;
    for (const Key& key : typed->empty() ? keys.settle() : keys.take(*typed)) {
      is_over = is_over || view.press(key) == TopView::Wish::quit;
      is_news = true;
    }
    const TerminalSize now = terminal->size();
    is_news = is_news || !(now == size);
    size = now;
    if (is_over || watch.elapsed() < next) continue;
    next = watch.elapsed() + look.interval;
    if (view.is_paused()) {
      watch.skip();
      continue;
    }
    const Interval interval = watch.next();
    view.show(interval, watch.profile());
    ++shown;
    is_news = true;
  }
  terminal.reset();
  say_what_goes_on(watch, request, context);
  return cli::Outcome(cli::Artifact{});
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const RecordRequest request, request_of(arguments));
  Look look;
  SIGNALBOX_TRY(look.interval, interval_of(arguments));
  SIGNALBOX_TRY(look.rows, count_option(arguments, "--top", kUsualRows));
  if (arguments.has("--count")) {
    SIGNALBOX_TRY(look.count, count_option(arguments, "--count", 1));
  }
  look.order = arguments.get_or("--sort", "flat") == "cum" ? TopOrder::cumulative : TopOrder::self;
  look.target = target_name(request);
  const bool is_kept = arguments.has("--output");
  const bool on_terminal = !is_kept && context.format == Format::text && ::isatty(STDIN_FILENO) == 1 &&
                           ::isatty(STDOUT_FILENO) == 1;
  return on_terminal ? show(request, look, context) : print(request, look, is_kept, context);
}

}  // namespace

cli::Command top_command() {
  cli::Command out;
  out.name = "top";
  out.summary = "Watch which functions take most, as it happens";
  out.details =
      "A table of the last interval: own cost, cost with all that is called, each with its 95 % interval. On "
      "a "
      "terminal: q quits, / filters by name, arrows and Enter show the stacks of a function, space orders by "
      "the "
      "other cost, p pauses. Into a pipe, and with --json, a table or a line for each interval. A program "
      "that is "
      "launched has no terminal then, and its output goes to standard error into a pipe.";
  out.positionals = {{"PROGRAM", "what to launch, with its arguments", cli::Positional::Count::program}};
  out.options = selection_options();
  out.options.push_back(system_option());
  out.options.insert(out.options.end(),
                     {{"--interval", "TIME", "how long each table is about, 1s", {}, false},
                      {"--count", "N", "end after so many intervals", {}, false},
                      {"--sort",
                       "COST",
                       "order by own cost (flat), or with what is called (cum); off: what threads wait in, "
                       "instead of processor time",
                       {"flat", "cum", "off"},
                       false},
                      {"--top", "N", "rows of a printed table; default 20", {}, false},
                      {"--hz,--rate", "HZ", "samples for each second of processor time, 99", {}, false},
                      {"--no-kernel", "", "no frames of the kernel", {}, false},
                      {"--no-children", "", "only the process itself", {}, false}});
  out.formats = {"text", "json"};
  out.run = run;
  return out;
}

}  // namespace signalbox::profile
