#include "instruments/profile/symbols/debuginfod_client.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include <elfutils/debuginfod.h>
#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/shared_library.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using Found = std::optional<fs::path>;

// The library looks at its progress each second.
constexpr std::chrono::milliseconds kGrace{1'500};

struct Library {
  decltype(&::debuginfod_begin) begin = nullptr;
  decltype(&::debuginfod_end) end = nullptr;
  decltype(&::debuginfod_set_progressfn) set_progress = nullptr;
  decltype(&::debuginfod_set_user_data) set_data = nullptr;
  decltype(&::debuginfod_get_user_data) data = nullptr;
  decltype(&::debuginfod_find_debuginfo) find_debuginfo = nullptr;
  decltype(&::debuginfod_find_executable) find_executable = nullptr;
  decltype(&::debuginfod_find_source) find_source = nullptr;
  bool is_complete = false;
};

Library open_library() {
  void* const library = open_shared_library("libdebuginfod.so.1");
  Library out;
  out.is_complete = library != nullptr && find_function(library, "debuginfod_begin", out.begin) &&
                    find_function(library, "debuginfod_end", out.end) &&
                    find_function(library, "debuginfod_set_progressfn", out.set_progress) &&
                    find_function(library, "debuginfod_set_user_data", out.set_data) &&
                    find_function(library, "debuginfod_get_user_data", out.data) &&
                    find_function(library, "debuginfod_find_debuginfo", out.find_debuginfo) &&
                    find_function(library, "debuginfod_find_executable", out.find_executable) &&
                    find_function(library, "debuginfod_find_source", out.find_source);
  return out;
}

// Nothing of it is taken down at the end of the program: a question may be under way.
const Library& library() {
  static const Library opened = open_library();
  return opened;
}

// One question. It is asked on a thread of its own, which nobody waits for beyond the time: the library
// cannot be called off while it waits for a name server.
struct Question {
  std::string build_id;
  SymbolKind kind = SymbolKind::debuginfo;
  std::string source;  // its path; empty: the file of `kind` is asked for
  fs::path cached;     // where the library puts what comes; of a source the folder
  steady_clock::time_point until;
  std::int64_t max_octets = 0;

  std::mutex mutex;  // of what follows
  std::condition_variable is_answered;
  std::optional<int> code;  // a negative errno, otherwise it was found
  std::string path;
  bool is_too_large = false;
  bool is_too_late = false;
};

// Whether the library is to give up.
int is_over(debuginfod_client* client, long octets, long) {
  auto* const question = static_cast<Question*>(library().data(client));
  const std::lock_guard lock(question->mutex);
  question->is_too_large = octets > question->max_octets;
  question->is_too_late = steady_clock::now() >= question->until;
  return question->is_too_large || question->is_too_late ? 1 : 0;
}

// Forgets that no server had it: the library notes that as an empty file, for its next ten minutes, also
// where it was called off. How it names the ones of sources differs between its versions.
void forget(const Question& question) {
  std::error_code ignored;
  const auto remove_empty = [&](const fs::path& file) {
    if (fs::file_size(file, ignored) == 0) fs::remove(file, ignored);
  };
  if (question.source.empty()) return remove_empty(question.cached);
  std::vector<fs::path> notes;
  std::error_code code;
  for (auto entry = fs::directory_iterator(question.cached, code); !code && entry != fs::end(entry);
       entry.increment(code))
    if (entry->path().filename().string().starts_with("source")) notes.push_back(entry->path());
  for (const fs::path& note : notes) remove_empty(note);
}

void answer(Question& question) {
  const Library& calls = library();
  int code = -ENOMEM;
  std::string path;
  const std::unique_ptr<debuginfod_client, decltype(calls.end)> client(calls.begin(), calls.end);
  if (client != nullptr) {
    calls.set_data(client.get(), &question);
    calls.set_progress(client.get(), is_over);
    char* found = nullptr;
    const auto* const id = reinterpret_cast<const unsigned char*>(question.build_id.c_str());
    const auto ask = question.kind == SymbolKind::executable ? calls.find_executable : calls.find_debuginfo;
    const FileDescriptor file{// length 0: hexadecimal text
                              question.source.empty()
                                  ? ask(client.get(), id, 0, &found)
                                  : calls.find_source(client.get(), id, 0, question.source.c_str(), &found)};
    const std::unique_ptr<char, decltype(&std::free)> owned(found, std::free);
    code = std::min(file.get(), 0);
    if (file && found != nullptr) path = found;
  }
  const std::lock_guard lock(question.mutex);
  if (code != 0 && (question.is_too_late || question.is_too_large)) forget(question);
  question.code = code;
  question.path = std::move(path);
  question.is_answered.notify_all();
}

// debuginfod_find_debuginfo(3), "CACHE". Empty: there is none.
fs::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (fs::path given = variable("DEBUGINFOD_CACHE_PATH"); !given.empty()) return given;
  const fs::path home = variable("HOME");
  std::error_code code;
  if (!home.empty() && fs::exists(home / ".debuginfod_client_cache", code))
    return home / ".debuginfod_client_cache";
  if (const fs::path cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "debuginfod_client";
  return home.empty() ? home : home / ".cache" / "debuginfod_client";
}

fs::path cached_path(const std::string& build_id, SymbolKind kind) {
  return cache_folder() / build_id / name_of(kind);
}

bool is_it(const fs::path& path, const std::string& build_id) {
  const auto elf = ElfFile::open(path);
  return elf && elf->build_id() == build_id;
}

}  // namespace

bool DebuginfodClient::is_wanted() {
  const char* const urls = std::getenv("DEBUGINFOD_URLS");
  return urls != nullptr && *urls != '\0';
}

Result<Found> DebuginfodClient::find(const std::string& build_id, SymbolKind kind) {
  if (!is_wanted() || !is_build_id(build_id)) return Found();
  if (fs::path there = cached_path(build_id, kind); is_it(there, build_id)) return Found(std::move(there));
  Result<Found> out = told(ask({build_id, kind, {}}));
  if (!out || !*out || is_it(**out, build_id)) return out;
  return told(fail(ErrorKind::unavailable,
                   fmt::format("{}: what a symbol server gave for build id {} has another, or is no program",
                               printable((*out)->string()), build_id),
                   "rm " + printable((*out)->string())));
}

Result<Found> DebuginfodClient::find_source(const std::string& build_id, const std::string& path) {
  if (!is_wanted() || !is_build_id(build_id) || !path.starts_with('/')) return Found();
  return told(ask({build_id, SymbolKind::debuginfo, path}));
}

Result<Found> DebuginfodClient::told(Result<Found> answer) {
  if (answer) return answer;
  const std::lock_guard lock(telling_);
  if (trouble_.empty()) trouble_ = answer.error().message;
  return answer;
}

Result<Found> DebuginfodClient::ask(const Wanted& wanted) {
  const std::lock_guard lock(asking_);
  if (left_ <= nanoseconds{}) return fail(no_patience());
  if (!library().is_complete)
    return fail(ErrorKind::unavailable, "libdebuginfod is not installed, so no symbol server can be asked",
                "apt-get install libdebuginfod1");
  const auto question = std::make_shared<Question>();
  const auto began = steady_clock::now();
  question->build_id = wanted.build_id;
  question->kind = wanted.kind;
  question->source = wanted.source;
  question->cached =
      wanted.source.empty() ? cached_path(wanted.build_id, wanted.kind) : cache_folder() / wanted.build_id;
  question->until = began + std::chrono::duration_cast<steady_clock::duration>(left_);
  question->max_octets = limits_.max_octets;
  std::thread([question] { answer(*question); }).detach();
  std::unique_lock answered(question->mutex);
  const bool in_time = question->is_answered.wait_until(answered, question->until + kGrace,
                                                        [&] { return question->code.has_value(); });
  left_ -= steady_clock::now() - began;
  if (question->is_too_large)
    return fail(ErrorKind::unavailable,
                fmt::format("a symbol server gave more than {} MiB for build id {}, which was not taken",
                            limits_.max_octets >> 20, wanted.build_id));
  if (!in_time) return fail(no_patience());
  const int why = -*question->code;
  if (why != 0 && question->is_too_late) return fail(no_patience());  // the library says ENOENT then, too
  if (why == ENOENT) return Found();
  if (why != 0)
    return fail(ErrorKind::unavailable,
                fmt::format("the symbol servers of $DEBUGINFOD_URLS cannot be asked: {}",
                            std::generic_category().message(why)),
                "curl -v \"$DEBUGINFOD_URLS/metrics\"");
  return Found(question->path);
}

Error DebuginfodClient::no_patience() const {
  return {ErrorKind::unavailable,
          fmt::format("the symbol servers of $DEBUGINFOD_URLS did not answer within {:g} s",
                      std::chrono::duration<double>(limits_.patience).count()),
          ""};
}

std::string DebuginfodClient::trouble() const {
  const std::lock_guard lock(telling_);
  return trouble_;
}

}  // namespace signalbox::profile
