// Programs that run in the kernel, as libbpf has them: read, loaded, closed; and why that is refused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"

struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace signalbox::profile {

// Why the kernel does not do `what`, with libbpf's own words where it has some; the hint says which rights
// help.
Error bpf_refusal(int error_number, std::string_view what);
// unavailable: this build was made without programs for the kernel.
Error no_bpf_in_this_build();

class BpfObject {
 public:
  BpfObject() = default;  // none
  // Reads the octets of an object file, which are not kept; its maps may be given other sizes until it is
  // loaded. unavailable where processes have other numbers than in the kernel.
  static Result<BpfObject> open(std::string_view octets);
  // `what` says what is being done: "loading the BPF program".
  Status load(std::string_view what);

  // There has to be one of the name.
  bpf_map* map(const char* name) const;
  int map_descriptor(const char* name) const;
  bpf_program* program(const char* name) const;
  // Memory of all its maps, as the kernel accounts for it; nothing where it does not tell.
  std::optional<std::uint64_t> map_bytes() const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };
  std::unique_ptr<bpf_object, Close> object_;
};

}  // namespace signalbox::profile
