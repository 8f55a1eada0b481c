#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"
#include "instruments/train/ramp/drivers/weight_file.hpp"

namespace signalbox::train::ramp {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{20};
// After a reload old workers take connections for about a tenth of a second more: only marks that stay the
// same for longer are the truth.
constexpr milliseconds kSettled{250};
constexpr milliseconds kAskStatus{2'000};
constexpr std::size_t kMaxMarkBytes = 1024;

// One writer of the file at a time on this machine: reading its token and replacing it are one step.
Result<FileDescriptor> lock_beside(const std::string& file, Steady::time_point end) {
  const std::string path = file + ".lock";
  const auto patience = std::chrono::duration_cast<milliseconds>(end - Steady::now());
  SIGNALBOX_TRY(std::optional<FileDescriptor> held, lock_file(path, patience));
  if (held) return std::move(*held);
  return fail(ErrorKind::unavailable, fmt::format("{}: another controller writes the weight file", path));
}

Result<std::string> text_of(const std::string& file) {
  auto text = signalbox::read_file(file, kMaxWeightFileBytes);
  if (!text && text.error().kind == ErrorKind::not_found) return std::string();
  return text;
}

// Writes the weights to a file that the server includes, has the server check and load it, and looks at what
// the server then runs with.
class WeightFileDriver final : public Driver {
 public:
  WeightFileDriver(WeightFileSettings settings, Duration timeout, RunProgram run, IsAllowed is_allowed)
      : settings_(std::move(settings)),
        timeout_(timeout),
        run_(std::move(run)),
        is_allowed_(std::move(is_allowed)) {}

  std::string_view name() const override {
    return settings_.server == WeightFileSettings::Server::nginx ? "nginx" : "haproxy";
  }

  Result<Observation> observe(const StepOrder& order) override {
    SIGNALBOX_CHECK(is_allowed_());
    SIGNALBOX_TRY(const WeightFile file, read());
    if (file == WeightFile{}) return observation_of(file, order);  // no ramp ever was
    SIGNALBOX_TRY(const std::string mark, running_mark(Steady::now() + timeout_));
    if (mark == mark_of(file)) return observation_of(file, order);
    // Written and not loaded: what runs is another file. A weight of which nothing is known is none.
    Observation out;
    out.token = file.token;
    return out;
  }

  Status set_weight(const StepOrder& order) override { return step(order, WeightFile::Action::set_weight); }
  Status promote(const StepOrder& order) override { return step(order, WeightFile::Action::promote); }
  Status revert(const StepOrder& order) override { return step(order, WeightFile::Action::revert); }
  Status check_revert(const StepOrder& order) override {
    SIGNALBOX_TRY(const WeightFile file, read());
    StepOrder newest = order;
    newest.token = std::max(order.token, file.token);
    SIGNALBOX_CHECK(after_step(file, newest, WeightFile::Action::revert));
    return {};
  }

  std::vector<std::string> manual_revert(const StepOrder& order) const override {
    const auto bad = static_cast<std::size_t>(pool_of_candidate(read().value_or(WeightFile{}), order));
    const auto& [pool, servers] = settings_.pools[bad];
    const auto& [other, others] = settings_.pools[1 - bad];
    return {fmt::format("in {} give the servers of pool {} ({}) no traffic: they run {}", settings_.file,
                        pool, join(servers, ", "), order.candidate),
            fmt::format("and those of pool {} ({}) all of it", other, join(others, ", ")),
            join(settings_.check, " "), join(settings_.reload, " ")};
  }

 private:
  Result<WeightFile> read() const {
    SIGNALBOX_TRY(const std::string text, text_of(settings_.file));
    auto file = read_weight_file(text);
    if (!file) return fail_in(settings_.file, file.error());
    return file;
  }

  Status step(const StepOrder& order, WeightFile::Action action) {
    SIGNALBOX_CHECK(is_allowed_());
    const Steady::time_point end = Steady::now() + timeout_;
    SIGNALBOX_TRY(const FileDescriptor lock, lock_beside(settings_.file, end));
    SIGNALBOX_TRY(const std::string before_text, text_of(settings_.file));
    const auto before = read_weight_file(before_text);
    if (!before) return fail_in(settings_.file, before.error());
    SIGNALBOX_TRY(const WeightFile after, after_step(*before, order, action));
    const std::string after_text = write_weight_file(after, settings_);
    if (after_text == before_text && running_mark(end).value_or("") == mark_of(after)) return {};
    SIGNALBOX_CHECK(write_file_atomically(settings_.file, after_text));
    if (Status checked = run(settings_.check, end); !checked) {
      // What the server refuses must not lie where its next start finds it.
      SIGNALBOX_CHECK(put_back(before_text));
      return checked;
    }
    SIGNALBOX_CHECK(run(settings_.reload, end));
    return wait_for(mark_of(after), end);
  }

  Status put_back(const std::string& text) const {
    if (!text.empty()) return write_file_atomically(settings_.file, text);
    std::error_code error;
    fs::remove(settings_.file, error);
    return error ? Status(fail(error_from_errno(error.value(), settings_.file))) : Status();
  }

  Status run(const Words& words, Steady::time_point end) const {
    ProcessOptions options;
    options.deadline = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(end - Steady::now()));
    SIGNALBOX_TRY(const ProcessResult result, run_(words, std::move(options)));
    if (result.exit_code == 0) return {};
    return fail(ErrorKind::unavailable, fmt::format("`{}` ended with exit code {}: {}", join(words, " "),
                                                    result.exit_code, first_words(result.errors)));
  }

  // The mark that the server answers with on a connection of its own.
  Result<std::string> running_mark(Steady::time_point end) const {
    http::ClientRequest request;
    request.url = fmt::format("http://{}/", settings_.status);
    request.headers = {{"Connection", "close"}};
    request.deadline =
        std::clamp(std::chrono::ceil<milliseconds>(end - Steady::now()), milliseconds(1), kAskStatus);
    request.max_response_bytes = kMaxMarkBytes;
    request.max_attempts = 1;
    auto response = http::send(request);
    if (!response) {
      return fail(
          ErrorKind::unavailable,
          fmt::format("{} does not say which weights it runs with: {}", name(), response.error().message),
          fmt::format("it must run, and its configuration must include {}", settings_.file));
    }
    return std::string(trim(response->body));
  }

  Status wait_for(const std::string& mark, Steady::time_point end) const {
    std::optional<Steady::time_point> since;
    std::string last;
    while (true) {
      const auto running = running_mark(end);
      const Steady::time_point now = Steady::now();
      last = running ? *running : running.error().message;
      if (!running || *running != mark)
        since.reset();
      else if (!since)
        since = now;
      if (since && now - *since >= kSettled) return {};
      if (now >= end) break;
      std::this_thread::sleep_for(kPoll);
    }
    return fail(
        ErrorKind::unavailable,
        fmt::format("{} was reloaded and does not run with the new weights: {}", name(), printable(last)),
        fmt::format("its configuration must include {}", settings_.file));
  }

  WeightFileSettings settings_;
  Duration timeout_;
  RunProgram run_;
  IsAllowed is_allowed_;
};

}  // namespace

std::unique_ptr<Driver> make_weight_file_driver(WeightFileSettings settings, Duration timeout, RunProgram run,
                                                IsAllowed is_allowed) {
  return std::make_unique<WeightFileDriver>(std::move(settings), timeout, std::move(run),
                                            std::move(is_allowed));
}

Status write_first_file(const DriverSettings& settings) {
  const auto* file = std::get_if<WeightFileSettings>(&settings.kind);
  if (file == nullptr)
    return fail(ErrorKind::bad_input, fmt::format("the driver {} has no weight file", name_of(settings)));
  SIGNALBOX_TRY(const std::string text, text_of(file->file));
  const auto there = read_weight_file(text);
  if (!there) return fail_in(file->file, there.error());
  if (!text.empty()) return {};
  return write_file_atomically(file->file, write_weight_file(WeightFile{}, *file));
}

}  // namespace signalbox::train::ramp
