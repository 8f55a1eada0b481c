#include "instruments/profile/capture/thread_reader.hpp"

#include <cerrno>
#include <charconv>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/bpf_object.hpp"
#include "instruments/profile/capture/proc.hpp"

#ifdef SIGNALBOX_BPF
#include <cstring>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include "instruments/profile/capture/bpf/threads_layout.h"

extern "C" {
extern const char signalbox_bpf_threads[];
extern const char signalbox_bpf_threads_end[];
}
#endif

namespace signalbox::profile {
namespace {

constexpr int kSystemCallArguments = 6;

std::optional<std::uint64_t> take_hexadecimal(std::vector<std::string_view>& words) {
  if (words.empty() || !words.back().starts_with("0x")) return std::nullopt;
  const std::string_view digits = words.back().substr(2);
  words.pop_back();
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return out;
}

class ProcReader : public ThreadReader {
 public:
  Result<std::vector<ThreadMoment>> read(std::int32_t pid) override {
    SIGNALBOX_TRY(const std::vector<std::int32_t> tids, threads_of(pid));
    std::vector<ThreadMoment> out;
    for (const std::int32_t tid : tids) {
      const std::string folder = fmt::format("/proc/{}/task/{}/", pid, tid);
      const auto line = read_file(folder + "syscall");
      if (!line && line.error().kind == ErrorKind::denied) return fail(may_not_be_looked_into(pid));
      if (!line) continue;  // it ended
      auto moment = parse_system_call(trim(*line));
      if (!moment) continue;
      moment->tid = tid;
      const auto status = read_file(folder + "status");
      if (status) moment->switches = parse_switches(*status);
      out.push_back(std::move(*moment));
    }
    return out;
  }
  std::string_view how() const override { return "/proc, without frame pointers"; }
};

#ifdef SIGNALBOX_BPF

ThreadMoment moment_of(const sb_thread& told) {
  ThreadMoment out;
  out.tid = static_cast<std::int32_t>(told.tid);
  out.runs = told.on_cpu != 0;
  out.registers.known = told.has_user != 0;
  out.registers.values[kRegisterIp] = told.ip;
  out.registers.values[kRegisterSp] = told.sp;
  out.registers.values[kRegisterFp] = told.fp;
  out.switches = told.switches;
  out.system_call = told.system_call;
  const std::size_t frames = std::min<std::size_t>(told.kernel_frames, SB_THREAD_KERNEL_FRAMES);
  out.kernel.assign(told.kernel, told.kernel + frames);
  return out;
}

class KernelReader : public ThreadReader {
 public:
  ~KernelReader() override { bpf_link__destroy(link_); }

  Status load() {
    SIGNALBOX_TRY(object_,
                  BpfObject::open({signalbox_bpf_threads, static_cast<std::size_t>(signalbox_bpf_threads_end -
                                                                                   signalbox_bpf_threads)}));
    SIGNALBOX_CHECK(object_.load("loading the BPF program that tells of threads"));
    link_ = bpf_program__attach_iter(object_.program("sb_tell_threads"), nullptr);
    if (link_ == nullptr) return fail(bpf_refusal(errno, "asking the BPF program of threads"));
    return {};
  }

  Result<std::vector<ThreadMoment>> read(std::int32_t pid) override {
    const int wanted = object_.map_descriptor("sb_wanted");
    const std::uint32_t zero = 0;
    const auto tgid = static_cast<std::uint32_t>(pid);
    if (bpf_map_update_elem(wanted, &zero, &tgid, BPF_ANY) != 0)
      return fail(bpf_refusal(errno, "asking the BPF program of threads"));
    const FileDescriptor iteration{bpf_iter_create(bpf_link__fd(link_))};
    if (!iteration) return fail(bpf_refusal(errno, "asking the BPF program of threads"));
    std::string octets;
    char room[1U << 15];
    for (;;) {
      const ssize_t got = ::read(iteration.get(), room, sizeof room);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) return fail(bpf_refusal(errno, "reading what the BPF program tells of threads"));
      if (got == 0) break;
      octets.append(room, static_cast<std::size_t>(got));
    }
    std::vector<ThreadMoment> out;
    for (std::size_t at = 0; at + sizeof(sb_thread) <= octets.size(); at += sizeof(sb_thread)) {
      sb_thread told;
      std::memcpy(&told, octets.data() + at, sizeof told);
      out.push_back(moment_of(told));
    }
    if (out.empty()) return fail(ErrorKind::not_found, fmt::format("there is no process {}", pid));
    return out;
  }
  std::string_view how() const override { return "BPF: registers of threads at rest"; }

 private:
  BpfObject object_;
  bpf_link* link_ = nullptr;
};

#endif

}  // namespace

bool ThreadMoment::is_at_rest_since(const ThreadMoment& before) const {
  return !runs && !before.runs && switches == before.switches && registers.values == before.registers.values;
}

std::optional<ThreadMoment> parse_system_call(std::string_view line) {
  ThreadMoment out;
  if (line == "running") {
    out.runs = true;
    return out;
  }
  std::vector<std::string_view> words = split(line, ' ');
  const auto ip = take_hexadecimal(words);
  const auto sp = take_hexadecimal(words);
  if (!ip || !sp || words.empty()) return std::nullopt;
  const auto number = parse_integer(words.front());
  if (!number || words.size() != (*number < 0 ? 1 : 1 + kSystemCallArguments)) return std::nullopt;
  out.system_call = *number;
  out.registers.known = *ip != 0;
  out.registers.has_fp = false;
  out.registers.values[kRegisterIp] = *ip;
  out.registers.values[kRegisterSp] = *sp;
  return out;
}

std::uint64_t parse_switches(std::string_view status) {
  std::uint64_t out = 0;
  for (const std::string_view line : lines(status)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !line.substr(0, colon).ends_with("voluntary_ctxt_switches"))
      continue;
    out += static_cast<std::uint64_t>(parse_integer(trim(line.substr(colon + 1))).value_or(0));
  }
  return out;
}

std::unique_ptr<ThreadReader> ThreadReader::by_proc() {
  return std::make_unique<ProcReader>();
}

Result<std::unique_ptr<ThreadReader>> ThreadReader::in_kernel() {
#ifdef SIGNALBOX_BPF
  auto out = std::make_unique<KernelReader>();
  SIGNALBOX_CHECK(out->load());
  return std::unique_ptr<ThreadReader>(std::move(out));
#else
  return fail(no_bpf_in_this_build());
#endif
}

}  // namespace signalbox::profile
