#include "instruments/profile/elf/symbolizer.hpp"

#include <optional>
#include <utility>

#include "instruments/profile/elf/demangle.hpp"
#include "instruments/profile/elf/dwarf_index.hpp"
#include "instruments/profile/elf/go_table.hpp"
#include "instruments/profile/elf/mini_debug.hpp"
#include "instruments/profile/elf/symbol_table.hpp"

namespace signalbox::profile {

namespace {

void set_names(SymbolLine& line, std::string_view system_name) {
  line.function = demangled(system_name);
  line.system_name = line.function == system_name ? std::string() : std::string(system_name);
}

}  // namespace

struct Symbolizer::State {
  State(std::shared_ptr<const ElfFile> file, const DebugPlaces& places)
      : symbols(file), dwarf(DwarfIndex::open(file)), go(GoTable::open(file)) {
    if (auto debug_file = find_debug_file(*file, places)) {
      debug_symbols.emplace(debug_file);
      if (!dwarf) dwarf = DwarfIndex::open(std::move(debug_file));
    } else if (auto mini = read_mini_debug(*file)) {
      debug_symbols.emplace(std::move(mini));
    }
  }

  // The debug file has the functions that are not exported, the file the entries of the linkage table.
  const Symbol* symbol_at(std::uint64_t vaddr) const {
    if (debug_symbols)
      if (const Symbol* symbol = debug_symbols->find(vaddr)) return symbol;
    return symbols.find(vaddr);
  }

  SymbolTable symbols;
  std::optional<SymbolTable> debug_symbols;
  std::unique_ptr<DwarfIndex> dwarf;  // null: no lines
  std::unique_ptr<GoTable> go;        // null: it is no program of Go
};

Symbolizer::Symbolizer(std::shared_ptr<const ElfFile> file, const DebugPlaces& places)
    : state_(std::make_unique<State>(std::move(file), places)) {}

Symbolizer::~Symbolizer() = default;

std::vector<SymbolLine> Symbolizer::find(std::uint64_t vaddr) const {
  std::vector<SymbolLine> out;
  if (state_->dwarf) {
    for (DwarfLine& found : state_->dwarf->find(vaddr)) {
      SymbolLine& line = out.emplace_back();
      set_names(line, found.name);
      line.file = std::move(found.file);
      line.start_line = found.start_line;
      line.line = found.line;
      line.column = found.column;
    }
  }
  if (out.empty() && state_->go) {
    for (const GoLine& found : state_->go->find(vaddr)) {
      SymbolLine& line = out.emplace_back();
      line.function = found.function;
      line.file = found.file;
      line.start_line = found.start_line;
      line.line = found.line;
    }
  }
  // The symbol table alone has the suffixes of clones.
  if (const Symbol* symbol = state_->symbol_at(vaddr)) {
    if (out.empty()) out.emplace_back();
    set_names(out.back(), symbol->name);
  }
  if (!out.empty() && out.back().function.empty()) out.pop_back();
  return out;
}

std::optional<CodeRange> Symbolizer::range_at(std::uint64_t vaddr) const {
  if (const Symbol* symbol = state_->symbol_at(vaddr))
    return CodeRange{symbol->start, symbol->limit, demangled(symbol->name)};
  if (state_->go)
    if (const auto range = state_->go->range_at(vaddr))
      return CodeRange{range->start, range->limit, std::string(range->function)};
  return std::nullopt;
}

}  // namespace signalbox::profile
