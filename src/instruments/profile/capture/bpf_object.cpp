#include "instruments/profile/capture/bpf_object.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include "core/base/file.hpp"
#include "instruments/profile/capture/proc.hpp"

#ifdef SIGNALBOX_BPF
#include <cstdarg>
#include <cstdio>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "core/base/text.hpp"
#endif

namespace signalbox::profile {

Error no_bpf_in_this_build() {
  return {ErrorKind::unavailable, "this build has no BPF program: clang or libbpf was not there",
          "apt-get install clang-16 libbpf-dev, and build again"};
}

#ifdef SIGNALBOX_BPF

namespace {

std::string last_words;  // of libbpf, which tells by a function that every call shares

int keep_words(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  last_words = line;
  while (last_words.ends_with('\n')) last_words.pop_back();
  return 0;
}

// "memlock:\t35651584" of proc_pid_fdinfo(5).
std::optional<std::uint64_t> memory_of_map(std::string_view told) {
  constexpr std::string_view kKey = "memlock:";
  for (const std::string_view line : lines(told)) {
    if (!line.starts_with(kKey)) continue;
    const auto bytes = parse_integer(trim(line.substr(kKey.size())));
    if (bytes && *bytes >= 0) return static_cast<std::uint64_t>(*bytes);
  }
  return std::nullopt;
}

}  // namespace

Error bpf_refusal(int error_number, std::string_view what) {
  Error out = error_from_errno(error_number, what);
  if (!last_words.empty()) out.message += " (" + last_words + ")";
  if (out.kind == ErrorKind::denied)
    out.hint = "sudo setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep on signalbox-profile, or run it as root";
  return out;
}

Result<BpfObject> BpfObject::open(std::string_view octets) {
  SIGNALBOX_CHECK(numbers_are_the_kernels());
  libbpf_set_print(keep_words);
  last_words.clear();
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.object_name = "signalbox";
  BpfObject out;
  out.object_.reset(bpf_object__open_mem(octets.data(), octets.size(), &options));
  if (out.object_ == nullptr) return fail(bpf_refusal(errno, "reading the BPF program"));
  return out;
}

Status BpfObject::load(std::string_view what) {
  if (const int failed = bpf_object__load(object_.get()); failed != 0)
    return fail(bpf_refusal(-failed, what));
  return {};
}

bpf_map* BpfObject::map(const char* name) const {
  return bpf_object__find_map_by_name(object_.get(), name);
}

int BpfObject::map_descriptor(const char* name) const {
  return bpf_map__fd(map(name));
}

bpf_program* BpfObject::program(const char* name) const {
  return bpf_object__find_program_by_name(object_.get(), name);
}

std::optional<std::uint64_t> BpfObject::map_bytes() const {
  std::uint64_t out = 0;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_.get()) {
    const auto told = read_file(fmt::format("/proc/self/fdinfo/{}", bpf_map__fd(map)));
    if (!told) return std::nullopt;
    const auto bytes = memory_of_map(*told);
    if (!bytes) return std::nullopt;
    out += *bytes;
  }
  return out;
}

void BpfObject::Close::operator()(bpf_object* object) const {
  bpf_object__close(object);
}

#else

Error bpf_refusal(int error_number, std::string_view what) {
  return error_from_errno(error_number, what);
}
Result<BpfObject> BpfObject::open(std::string_view) {
  return fail(no_bpf_in_this_build());
}
Status BpfObject::load(std::string_view) {
  return fail(no_bpf_in_this_build());
}
bpf_map* BpfObject::map(const char*) const {
  return nullptr;
}
int BpfObject::map_descriptor(const char*) const {
  return -1;
}
bpf_program* BpfObject::program(const char*) const {
  return nullptr;
}
std::optional<std::uint64_t> BpfObject::map_bytes() const {
  return std::nullopt;
}
void BpfObject::Close::operator()(bpf_object*) const {}

#endif

}  // namespace signalbox::profile
