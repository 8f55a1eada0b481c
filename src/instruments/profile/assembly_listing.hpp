// The machine code of one function with what each instruction costs, and the source lines that it was made
// of, as a value: what `report --asm` draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/report/report.hpp"
#include "instruments/profile/analysis/line_costs.hpp"
#include "instruments/profile/disassembly/code_finder.hpp"
#include "instruments/profile/disassembly/disassembler.hpp"
#include "instruments/profile/sources/source_finder.hpp"

namespace signalbox::profile {

struct AssemblyQuery {
  std::size_t value = 0;  // column of the profile
  std::string function;   // as `top` names it
  Syntax syntax = Syntax::att;
};

// Where in a source an instruction comes from.
struct SourcePlace {
  std::string file;       // empty: unknown
  std::int32_t line = 0;  // 0: unknown
  std::string inlined;    // the function that it is of, where that is not the one whose code this is
  bool operator==(const SourcePlace&) const = default;
};

struct AssemblyLine {
  Instruction instruction;  // its text with the function that it ends in: "call   0x1030 <printf@plt>"
  SourcePlace place;
  MeasuredCost cost;  // samples in the instruction, also of what was inlined there; with what it calls
};

// The code of a function, or of the part of it that has a symbol of its own.
struct AssemblyPart {
  std::string symbol;  // "parse", "parse.cold"
  CodeFile code;
  std::uint64_t start = 0;  // in the file's own addresses
  std::uint64_t limit = 0;
  MeasuredCost whole;
  std::vector<AssemblyLine> lines;  // all of them, in their order
};

struct AssemblyListing {
  std::string function;
  ValueType value;
  std::int64_t total = 0;                 // of the whole profile
  MeasuredCost whole;                     // of all parts
  std::vector<AssemblyPart> parts;        // the costliest first
  std::vector<std::string> inlined_into;  // functions whose code has it, too, of those that were measured
  std::vector<std::string> missing;       // parts that are not told, and why
  std::vector<std::string> notes;         // of files that may be other ones
  std::map<std::string, std::map<std::int32_t, std::string>> sources;  // by file and line: as it is shown
};

// not_found where the profile has no such function, or where it was inlined everywhere: then the hint says
// into what. Code that is nowhere is no error.
Result<AssemblyListing> list_assembly(const Profile& profile, const AssemblyQuery& query,
                                      const CodeFinder& code, const SourceFinder& sources);

Json to_json(const AssemblyListing& listing);  // docs/schemas/profile-assembly-v1.json
Report assembly_report(const AssemblyListing& listing);

}  // namespace signalbox::profile
