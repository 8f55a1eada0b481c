#include "instruments/profile/elf/unwinder.hpp"

#include <cstring>

namespace signalbox::profile {
namespace {

// Where registers lie above the stack pointer of x86-64's signal frame (struct rt_sigframe of Linux, its
// return address gone).
constexpr std::uint64_t kSignalFp = 120;
constexpr std::uint64_t kSignalSp = 160;
constexpr std::uint64_t kSignalIp = 168;

// aarch64 signs return addresses in their upper bits; user addresses have at most 48.
constexpr std::uint64_t kArmAddressMask = (std::uint64_t{1} << 48) - 1;

class Walk {
 public:
  Walk(const StackSnapshot& snapshot, Machine machine)
      : stack_(snapshot.stack),
        stack_start_(snapshot.sp),
        machine_(machine),
        has_fp_(snapshot.has_fp),
        has_lr_(snapshot.has_fp),
        ip(snapshot.ip),
        sp(snapshot.sp),
        fp(snapshot.fp),
        lr_(snapshot.lr) {}

  // Goes to the caller by `rule`; why not.
  std::optional<UnwindEnd> step(const UnwindRule& rule) {
    switch (rule.kind) {
      case UnwindRule::Kind::unknown:
        return UnwindEnd::no_rule;
      case UnwindRule::Kind::bottom:
        return UnwindEnd::bottom;
      case UnwindRule::Kind::from_sp:
        return to(sp + static_cast<std::uint64_t>(std::int64_t{rule.cfa_offset}), rule);
      case UnwindRule::Kind::from_fp:
        if (!has_fp_) return UnwindEnd::no_register;
        return to(fp + static_cast<std::uint64_t>(std::int64_t{rule.cfa_offset}), rule);
      case UnwindRule::Kind::plt:
        return to(sp + (static_cast<std::int64_t>(ip & 15) >= rule.cfa_offset ? 16 : 8), rule);
      case UnwindRule::Kind::fp_points: {
        if (!has_fp_) return UnwindEnd::no_register;
        std::uint64_t cfa = 0;
        const std::uint64_t frame = fp;
        if (!read(frame + static_cast<std::uint64_t>(std::int64_t{rule.cfa_offset}), cfa) || !read(frame, fp))
          return UnwindEnd::beyond;
        UnwindRule rest = rule;
        rest.fp_offset = 0;
        return to(cfa, rest);
      }
      case UnwindRule::Kind::signal:
        return out_of_signal();
    }
    return UnwindEnd::no_rule;
  }

  // A step where no table tells: by the frame pointer alone.
  std::optional<UnwindEnd> step_by_frame_pointer() {
    std::uint64_t caller_fp = 0;
    std::uint64_t caller_ip = 0;
    if (!has_fp_) return UnwindEnd::no_register;
    if (fp == 0) return UnwindEnd::bottom;
    if (fp < sp) return UnwindEnd::not_upward;
    if (!read(fp, caller_fp) || !read(fp + 8, caller_ip)) return UnwindEnd::beyond;
    if (caller_fp != 0 && caller_fp <= fp) return UnwindEnd::not_upward;
    return arrive(fp + 16, caller_fp, caller_ip);
  }

  std::uint64_t return_to() const { return ip; }
  bool is_return_address() const { return is_return_address_; }

 private:
  bool read(std::uint64_t address, std::uint64_t& out) const {
    if (stack_.size() < sizeof out || address < stack_start_ ||
        address - stack_start_ > stack_.size() - sizeof out)
      return false;
    std::memcpy(&out, stack_.data() + (address - stack_start_), sizeof out);
    return true;
  }

  std::optional<UnwindEnd> to(std::uint64_t cfa, const UnwindRule& rule) {
    std::uint64_t caller_fp = fp;
    std::uint64_t caller_ip = 0;
    const std::uint64_t fp_at = cfa + static_cast<std::uint64_t>(std::int64_t{rule.fp_offset});
    // Between a function's `pop` and its `ret` some compilers leave the rule as it was: what was saved lies
    // below the stack by then, and in its register again.
    const bool is_restored = rule.fp_offset != 0 && fp_at < sp;
    if (rule.fp_offset != 0 && !is_restored && !read(fp_at, caller_fp)) return UnwindEnd::beyond;
    has_fp_ = has_fp_ || (rule.fp_offset != 0 && !is_restored);
    if (rule.ra_offset != 0) {
      if (!read(cfa + static_cast<std::uint64_t>(std::int64_t{rule.ra_offset}), caller_ip))
        return UnwindEnd::beyond;
    } else {
      if (is_return_address_) return UnwindEnd::no_rule;  // only a leaf has its return address in a register
      if (!has_lr_) return UnwindEnd::no_register;
      caller_ip = lr_;
    }
    return arrive(cfa, caller_fp, caller_ip);
  }

  std::optional<UnwindEnd> out_of_signal() {
    std::uint64_t caller_fp = 0;
    std::uint64_t caller_sp = 0;
    std::uint64_t caller_ip = 0;
    if (!read(sp + kSignalFp, caller_fp) || !read(sp + kSignalSp, caller_sp) ||
        !read(sp + kSignalIp, caller_ip))
      return UnwindEnd::beyond;
    has_fp_ = true;
    // A handler may run on a stack of its own, anywhere; then the rest is not in the copy.
    const auto end = arrive(caller_sp, caller_fp, caller_ip);
    is_return_address_ = false;  // it was interrupted there
    return end;
  }

  std::optional<UnwindEnd> arrive(std::uint64_t caller_sp, std::uint64_t caller_fp, std::uint64_t caller_ip) {
    // On aarch64 a leaf may not have moved the stack pointer.
    const bool may_stay = machine_ == Machine::aarch64 && !is_return_address_;
    if (caller_sp < sp || (caller_sp == sp && !may_stay)) return UnwindEnd::not_upward;
    sp = caller_sp;
    fp = caller_fp;
    ip = machine_ == Machine::aarch64 ? caller_ip & kArmAddressMask : caller_ip;
    is_return_address_ = true;
    if (ip == 0) return UnwindEnd::bottom;
    return std::nullopt;
  }

  std::string_view stack_;
  std::uint64_t stack_start_;
  Machine machine_;
  bool is_return_address_ = false;
  bool has_fp_;
  bool has_lr_;

 public:
  std::uint64_t ip;
  std::uint64_t sp;
  std::uint64_t fp;

 private:
  std::uint64_t lr_;
};

}  // namespace

std::string_view name_of(UnwindEnd end) {
  switch (end) {
    case UnwindEnd::bottom:
      return "bottom";
    case UnwindEnd::no_code:
      return "no code there";
    case UnwindEnd::no_rule:
      return "no rule";
    case UnwindEnd::beyond:
      return "beyond the copy of the stack";
    case UnwindEnd::no_register:
      return "the caller lies by a register that is not known";
    case UnwindEnd::not_upward:
      return "a frame that does not lie above";
    case UnwindEnd::too_deep:
      return "too deep";
  }
  return "";
}

UnwindEnd unwind(const StackSnapshot& snapshot, Machine machine,
                 const std::function<std::optional<UnwindPlace>(std::uint64_t)>& place,
                 std::vector<UnwoundFrame>& out) {
  Walk walk(snapshot, machine);
  for (std::size_t depth = 0; depth < kMaxUnwoundFrames; ++depth) {
    out.push_back({walk.ip, walk.is_return_address()});
    const std::optional<UnwindPlace> here = place(walk.is_return_address() ? walk.ip - 1 : walk.ip);
    if (!here) return UnwindEnd::no_code;
    const auto end =
        here->table == nullptr ? walk.step_by_frame_pointer() : walk.step(here->table->find(here->vaddr));
    if (end) return *end;
  }
  return UnwindEnd::too_deep;
}

}  // namespace signalbox::profile
