#include "instruments/profile/elf/frame_program.hpp"

namespace signalbox::profile {
namespace {

// DW_CFA_*, but for those that move the place on: the first two hold an operand in their low six bits.
enum Op : std::uint8_t {
  kOffset = 0x80,
  kRestore = 0xc0,
  kNop = 0x00,
  kSetLoc = 0x01,
  kOffsetExtended = 0x05,
  kRestoreExtended = 0x06,
  kUndefined = 0x07,
  kSameValue = 0x08,
  kRegister = 0x09,
  kRememberState = 0x0a,
  kRestoreState = 0x0b,
  kDefCfa = 0x0c,
  kDefCfaRegister = 0x0d,
  kDefCfaOffset = 0x0e,
  kDefCfaExpression = 0x0f,
  kExpression = 0x10,
  kOffsetExtendedSf = 0x11,
  kDefCfaSf = 0x12,
  kDefCfaOffsetSf = 0x13,
  kValOffset = 0x14,
  kValOffsetSf = 0x15,
  kValExpression = 0x16,
  kWindowSave = 0x2d,  // aarch64: return addresses are signed from here on, or not
  kArgsSize = 0x2e,
  kNegativeOffsetExtended = 0x2f,
};

// DWARF's numbers of registers.
constexpr std::uint64_t kX86Fp = 6;
constexpr std::uint64_t kX86Sp = 7;
constexpr std::uint64_t kArmFp = 29;
constexpr std::uint64_t kArmSp = 31;

// Deeper ones than compilers write are those of a hostile file.
constexpr std::size_t kMaxRememberedStates = 64;

constexpr std::uint8_t kBreg0 = 0x70;  // DW_OP_breg0
constexpr std::uint8_t kDeref = 0x06;

// CFA of a PLT as linkers write it: rsp + 8 + ((rip & 15) >= N ? 8 : 0), where N stands between these two as
// DW_OP_litN.
constexpr std::string_view kPltBegin("\x77\x08\x80\x00\x3f\x1a", 6);
constexpr std::string_view kPltEnd("\x2a\x33\x24\x22", 4);
constexpr std::uint8_t kLit0 = 0x30;
constexpr std::uint8_t kLit15 = 0x3f;

std::optional<std::int64_t> plt_threshold(std::string_view expression) {
  if (expression.size() != kPltBegin.size() + 1 + kPltEnd.size()) return std::nullopt;
  const auto literal = static_cast<std::uint8_t>(expression[kPltBegin.size()]);
  if (!expression.starts_with(kPltBegin) || !expression.ends_with(kPltEnd) || literal < kLit0 ||
      literal > kLit15)
    return std::nullopt;
  return literal - kLit0;
}

// Wraps where the file says nonsense, instead of being undefined.
std::int64_t times(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

bool within(std::int64_t offset, std::int64_t most) {
  return -most <= offset && offset <= most;
}

}  // namespace

FrameProgram::FrameProgram(Machine machine, const FrameCommon& common)
    : machine_(machine),
      common_(common),
      fp_register_(machine == Machine::aarch64 ? kArmFp : kX86Fp),
      sp_register_(machine == Machine::aarch64 ? kArmSp : kX86Sp) {
  for (OctetReader in{common_.instructions}; !in.left.empty() && common_is_good_;) {
    if (!take_advance(in)) common_is_good_ = step(in);
  }
  initial_ = state_;
}

FrameProgram::Place* FrameProgram::place_of(std::uint64_t reg) {
  if (reg == fp_register_) return &state_.fp;
  if (reg == common_.return_register) return &state_.ra;
  return nullptr;
}

void FrameProgram::set_cfa_expression(std::string_view expression) {
  state_.cfa = Cfa::unknown;
  if (machine_ != Machine::x86_64) return;
  if (const auto threshold = plt_threshold(expression)) {
    state_.cfa = Cfa::plt;
    state_.cfa_offset = *threshold;
    return;
  }
  OctetReader in{expression};
  if (in.take<std::uint8_t>() != kBreg0 + fp_register_) return;
  const std::int64_t offset = in.sleb();
  if (in.take<std::uint8_t>() != kDeref || !in.ok || !in.left.empty()) return;
  state_.cfa = Cfa::deref_fp;
  state_.cfa_offset = offset;
}

void FrameProgram::set_place_expression(std::uint64_t reg, std::string_view expression) {
  Place* const place = place_of(reg);
  if (place == nullptr) return;
  OctetReader in{expression};
  const auto op = in.take<std::uint8_t>();
  const std::int64_t offset = in.sleb();
  const bool is_fp = op == kBreg0 + fp_register_ && in.ok && in.left.empty();
  *place = is_fp ? Place{Saved::at_fp, offset} : Place{Saved::unknown, 0};
}

bool FrameProgram::step(OctetReader& in) {
  const auto op = in.take<std::uint8_t>();
  const std::uint64_t low = op & 0x3fU;
  const auto set = [&](std::uint64_t reg, Place place) {
    if (Place* const found = place_of(reg)) *found = place;
  };
  const auto restore = [&](std::uint64_t reg) {
    if (reg == fp_register_) state_.fp = initial_.fp;
    if (reg == common_.return_register) state_.ra = initial_.ra;
  };
  const auto at_cfa = [&](std::int64_t factored) {
    return Place{Saved::at_cfa, times(factored, common_.data_alignment)};
  };
  switch (op & 0xc0) {
    case kOffset:
      set(low, at_cfa(static_cast<std::int64_t>(in.uleb())));
      return in.ok;
    case kRestore:
      restore(low);
      return true;
    default:
      break;
  }
  switch (op) {
    case kNop:
      return true;
    case kOffsetExtended: {
      const std::uint64_t reg = in.uleb();
      set(reg, at_cfa(static_cast<std::int64_t>(in.uleb())));
      break;
    }
    case kOffsetExtendedSf: {
      const std::uint64_t reg = in.uleb();
      set(reg, at_cfa(in.sleb()));
      break;
    }
    case kNegativeOffsetExtended: {
      const std::uint64_t reg = in.uleb();
      set(reg, at_cfa(static_cast<std::int64_t>(0 - in.uleb())));
      break;
    }
    case kRestoreExtended:
      restore(in.uleb());
      break;
    case kUndefined:
      set(in.uleb(), {Saved::undefined, 0});
      break;
    case kSameValue:
      set(in.uleb(), {Saved::same, 0});
      break;
    case kRegister: {
      const std::uint64_t reg = in.uleb();
      in.uleb();
      set(reg, {Saved::unknown, 0});
      break;
    }
    case kRememberState:
      if (remembered_.size() == kMaxRememberedStates) return false;
      remembered_.push_back(state_);
      break;
    case kRestoreState:
      if (remembered_.empty()) return false;
      state_ = remembered_.back();
      remembered_.pop_back();
      break;
    case kDefCfa:
      state_.cfa = Cfa::reg;
      state_.cfa_register = in.uleb();
      state_.cfa_offset = static_cast<std::int64_t>(in.uleb());
      break;
    case kDefCfaSf:
      state_.cfa = Cfa::reg;
      state_.cfa_register = in.uleb();
      state_.cfa_offset = times(in.sleb(), common_.data_alignment);
      break;
    case kDefCfaRegister:
      state_.cfa = Cfa::reg;
      state_.cfa_register = in.uleb();
      break;
    case kDefCfaOffset:
      state_.cfa_offset = static_cast<std::int64_t>(in.uleb());
      break;
    case kDefCfaOffsetSf:
      state_.cfa_offset = times(in.sleb(), common_.data_alignment);
      break;
    case kDefCfaExpression:
      set_cfa_expression(in.octets(in.uleb()));
      break;
    case kExpression: {
      const std::uint64_t reg = in.uleb();
      set_place_expression(reg, in.octets(in.uleb()));
      break;
    }
    case kValOffset:
    case kValOffsetSf: {
      set(in.uleb(), {Saved::unknown, 0});
      in.uleb();
      break;
    }
    case kValExpression: {
      set(in.uleb(), {Saved::unknown, 0});
      in.octets(in.uleb());
      break;
    }
    case kArgsSize:
      in.uleb();
      break;
    case kWindowSave:
      return machine_ == Machine::aarch64;
    case kSetLoc:  // never written by the compilers of these machines
    default:
      return false;
  }
  return in.ok;
}

UnwindRule FrameProgram::any_rule() const {
  constexpr std::int64_t kMostOffset = INT16_MAX;
  UnwindRule out;
  if (common_.is_signal_frame) {
    if (machine_ == Machine::x86_64) out.kind = UnwindRule::Kind::signal;
    return out;
  }
  if (state_.ra.saved == Saved::undefined) {
    out.kind = UnwindRule::Kind::bottom;
    return out;
  }
  const bool ra_is_known =
      state_.ra.saved == Saved::at_cfa || (state_.ra.saved == Saved::same && machine_ == Machine::aarch64);
  if (!ra_is_known || !within(state_.ra.offset, kMostOffset) || !within(state_.cfa_offset, INT32_MAX))
    return out;
  if (state_.fp.saved == Saved::unknown || !within(state_.fp.offset, kMostOffset)) return out;
  UnwindRule::Kind kind = UnwindRule::Kind::unknown;
  switch (state_.cfa) {
    case Cfa::reg:
      if (state_.cfa_register == sp_register_) kind = UnwindRule::Kind::from_sp;
      if (state_.cfa_register == fp_register_) kind = UnwindRule::Kind::from_fp;
      if (state_.fp.saved == Saved::at_fp) return out;
      break;
    case Cfa::plt:
      kind = UnwindRule::Kind::plt;
      break;
    case Cfa::deref_fp:
      if (state_.fp.saved == Saved::at_fp && state_.fp.offset == 0) kind = UnwindRule::Kind::fp_points;
      break;
    case Cfa::none:
    case Cfa::unknown:
      break;
  }
  out.kind = kind;
  out.cfa_offset = static_cast<std::int32_t>(state_.cfa_offset);
  if (state_.fp.saved == Saved::at_cfa) out.fp_offset = static_cast<std::int16_t>(state_.fp.offset);
  out.ra_offset = static_cast<std::int16_t>(state_.ra.offset);
  return kind == UnwindRule::Kind::unknown ? UnwindRule() : out;
}

}  // namespace signalbox::profile
