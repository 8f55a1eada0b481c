// The instructions of call frame information: what they make of a row (DWARF 5, section 6.4.2).
#pragma once

#include <cstdint>
#include <functional>
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

// Runs the instructions of an entry and of what it refers to.
class FrameProgram {
 public:
  FrameProgram(Machine machine, const FrameCommon& common);

  // Calls `row` with each address from which a rule holds, from `begin` on, before `end`. False where an
  // instruction is unknown or cut: rows so far are good.
  bool run(std::string_view instructions, std::uint64_t begin, std::uint64_t end,
           const std::function<void(std::uint64_t pc, const UnwindRule& rule)>& row);

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
  bool step(OctetReader& in, std::uint64_t& pc);
  Place* place_of(std::uint64_t reg);
  void set_cfa_expression(std::string_view expression);
  void set_place_expression(std::uint64_t reg, std::string_view expression);
  UnwindRule rule() const;

  Machine machine_;
  const FrameCommon& common_;
  std::uint64_t fp_register_;
  std::uint64_t sp_register_;
  State state_;
  State initial_;
  std::vector<State> remembered_;
};

}  // namespace signalbox::profile
