// The instructions of call frame information: what they make of a row (DWARF 5, section 6.4.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/octet_reader.hpp"
#include "instruments/profile/elf/unwind_table.hpp"

namespace signalbox::profile {

// What a common information entry says of those that refer to it.
struct FrameCommon {
  std::uint64_t code_alignment = 1;
  std::int64_t data_alignment = 1;
  std::uint64_t return_register = 16;
  std::uint8_t pointer_encoding = 0;  // DW_EH_PE_*
  bool has_augmentation_data = false;
  bool is_signal_frame = false;
  std::string_view instructions;
};

// Runs the instructions of entries that refer to one common entry.
class FrameProgram {
 public:
  FrameProgram(Machine machine, const FrameCommon& common);

  // Calls `row(pc, rule)` with each address from which a rule holds, ascending from `begin` on, before `end`.
  // False where an instruction is unknown or cut: rows so far are good.
  template <class Row>
  bool run(std::string_view instructions, std::uint64_t begin, std::uint64_t end, Row&& row);

 private:
  enum class Cfa : std::uint8_t { none, reg, deref_fp, plt, unknown };
  enum class Saved : std::uint8_t { same, at_cfa, at_fp, undefined, unknown };
  struct Place {
    Saved saved = Saved::same;
    std::int64_t offset = 0;
  };
  struct State {
    Cfa cfa = Cfa::none;
    std::uint64_t cfa_register = 0;
    std::int64_t cfa_offset = 0;
    Place fp;
    Place ra;
  };
  // By how much the place moves on where the next instruction says that, which is taken then.
  std::optional<std::uint64_t> take_advance(OctetReader& in) const;
  // Those that prologues and epilogues are made of, which nearly all are.
  bool take_usual(OctetReader& in);
  bool step(OctetReader& in);  // of all others
  Place* place_of(std::uint64_t reg);
  void set_cfa_expression(std::string_view expression);
  void set_place_expression(std::uint64_t reg, std::string_view expression);
  // What holds now: most often a frame of a known size, with the return address in it.
  UnwindRule rule() const {
    const bool is_plain = state_.cfa == Cfa::reg && state_.ra.saved == Saved::at_cfa &&
                          state_.fp.saved <= Saved::at_cfa && !common_.is_signal_frame &&
                          (state_.cfa_register == sp_register_ || state_.cfa_register == fp_register_);
    const auto is_small = [](std::int64_t offset) { return offset == static_cast<std::int16_t>(offset); };
    if (!is_plain || !is_small(state_.cfa_offset) || !is_small(state_.ra.offset) ||
        !is_small(state_.fp.offset))
      return any_rule();
    UnwindRule out;
    out.kind = state_.cfa_register == sp_register_ ? UnwindRule::Kind::from_sp : UnwindRule::Kind::from_fp;
    out.fp_offset = static_cast<std::int16_t>(state_.fp.offset);  // 0 where it is as it was
    out.cfa_offset = static_cast<std::int32_t>(state_.cfa_offset);
    out.ra_offset = static_cast<std::int16_t>(state_.ra.offset);
    return out;
  }
  UnwindRule any_rule() const;

  Machine machine_;
  FrameCommon common_;
  bool common_is_good_ = true;
  std::uint64_t fp_register_;
  std::uint64_t sp_register_;
  State state_;
  State initial_;
  std::vector<State> remembered_;
};

inline std::optional<std::uint64_t> FrameProgram::take_advance(OctetReader& in) const {
  // DW_CFA_advance_loc with its operand in the low six bits, and those with one of 1, 2 or 4 octets.
  const auto op = static_cast<std::uint8_t>(in.left.front());
  std::uint64_t factored = op & 0x3fU;
  if ((op & 0xc0) != 0x40) {
    if (op < 0x02 || op > 0x04) return std::nullopt;
    in.left.remove_prefix(1);
    factored = op == 0x02   ? in.take<std::uint8_t>()
               : op == 0x03 ? in.take<std::uint16_t>()
                            : in.take<std::uint32_t>();
  } else {
    in.left.remove_prefix(1);
  }
  return factored * common_.code_alignment;
}

inline bool FrameProgram::take_usual(OctetReader& in) {
  constexpr std::size_t kOctets = 2;  // an instruction, and an operand of one octet
  if (in.left.size() < kOctets) return false;
  const auto op = static_cast<std::uint8_t>(in.left[0]);
  const auto operand = static_cast<std::uint8_t>(in.left[1]);
  if ((operand & 0x80) != 0) return false;
  const std::uint64_t low = op & 0x3fU;
  const bool is_cfa_offset = op == 0x0e;  // DW_CFA_def_cfa_offset
  // DW_CFA_offset of a register that nobody asks for.
  const bool is_other = (op & 0xc0) == 0x80 && low != common_.return_register && low != fp_register_;
  if (is_cfa_offset) state_.cfa_offset = operand;
  if (!is_cfa_offset && !is_other) return false;
  in.left.remove_prefix(kOctets);
  return true;
}

template <class Row>
bool FrameProgram::run(std::string_view instructions, std::uint64_t begin, std::uint64_t end, Row&& row) {
  if (!common_is_good_) return false;
  state_ = initial_;
  remembered_.clear();
  std::uint64_t since = begin;
  for (OctetReader in{instructions}; !in.left.empty();) {
    const std::optional<std::uint64_t> moved = take_advance(in);
    if (!moved) {
      if (!take_usual(in) && !step(in)) return false;
      continue;
    }
    if (!in.ok) return false;
    if (*moved == 0) continue;
    row(since, rule());  // what holds before the place moves on
    since += *moved;
    if (since >= end || since < begin) return true;
  }
  row(since, rule());
  return true;
}

}  // namespace signalbox::profile
