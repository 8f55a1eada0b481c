#include "instruments/profile/assembly_listing.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/code_places.hpp"
#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/source_listing.hpp"
#include "instruments/profile/symbols/debug_places.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxParts = 32;
constexpr std::size_t kMaxSources = 50;  // whose lines are shown
constexpr std::size_t kMaxToldHosts = 20;
constexpr std::uint32_t kOfFunction = 1;  // a group, as measure_costs wants them

// A file that the function has code in, and where in it samples of the function lie.
struct MeasuredFile {
  FoundCode found;
  std::unique_ptr<Symbolizer> symbols;
};

class Lister {
 public:
  Lister(const Profile& profile, const AssemblyQuery& query, const CodeFinder& code,
         const SourceFinder& sources)
      : profile_(profile), query_(query), code_(code), sources_(sources), places_(code_places(profile)) {}

  Result<AssemblyListing> list() {
    IdentityTable table(Modules::ignored);
    const std::vector<IdentityId> identities = table.add(profile_);
    const auto wanted = table.named(query_.function);
    if (!wanted || *wanted == kUnknownFunction)
      return fail(ErrorKind::not_found,
                  fmt::format("the profile has no function `{}`", printable(query_.function)),
                  "its whole name, as the table of functions has it");
    out_.function = table[*wanted].name;
    out_.value = profile_.value_types[query_.value];
    find_hosts(table, identities, *wanted);
    SIGNALBOX_CHECK(find_parts(identities, *wanted));
    measure();
    read_sources();
    return std::move(out_);
  }

 private:
  bool is_in_code(FrameId id) const { return places_.of_frame[id].file != kNoCodeFile; }

  // Functions that lie at the same place as an inlined copy of the wanted one.
  void find_hosts(const IdentityTable& table, const std::vector<IdentityId>& identities, IdentityId wanted) {
    std::set<std::pair<std::uint32_t, std::uint64_t>> copies;
    for (FrameId id = 1; id < profile_.frames.size(); ++id)
      if (identities[id] == wanted && is_in_code(id) && profile_.frames[id].kind == FrameKind::inlined)
        copies.emplace(places_.of_frame[id].file, places_.of_frame[id].file_offset);
    if (copies.empty()) return;
    std::set<std::string> hosts;
    for (FrameId id = 1; id < profile_.frames.size(); ++id) {
      const CodePlace& place = places_.of_frame[id];
      if (identities[id] != wanted && is_in_code(id) && profile_.frames[id].kind == FrameKind::user &&
          copies.contains({place.file, place.file_offset}))
        hosts.insert(table[identities[id]].name);
    }
    out_.inlined_into.assign(hosts.begin(), hosts.end());
    if (out_.inlined_into.size() > kMaxToldHosts) out_.inlined_into.resize(kMaxToldHosts);
  }

  Status find_parts(const std::vector<IdentityId>& identities, IdentityId wanted) {
    std::map<std::uint32_t, std::set<std::uint64_t>> offsets;
    std::set<std::string> elsewhere;
    for (FrameId id = 1; id < profile_.frames.size(); ++id) {
      const Frame& frame = profile_.frames[id];
      if (identities[id] != wanted || frame.kind == FrameKind::inlined) continue;
      if (is_in_code(id)) {
        offsets[places_.of_frame[id].file].insert(places_.of_frame[id].file_offset);
      } else {
        elsewhere.insert(frame.kind == FrameKind::user
                             ? std::string("the profile does not say at which addresses it ran")
                             : fmt::format("its code ({}) is in no file", name_of(frame.kind)));
      }
    }
    if (offsets.empty() && elsewhere.empty()) {
      std::string into;
      for (const std::string& host : out_.inlined_into) into += (into.empty() ? "" : ", ") + printable(host);
      return fail(ErrorKind::not_found,
                  fmt::format("`{}` was inlined wherever it ran: it has no code of its own",
                              printable(out_.function)),
                  into.empty() ? std::string() : "its instructions are those of: " + into);
    }
    out_.missing.assign(elsewhere.begin(), elsewhere.end());
    for (const auto& [file, where] : offsets) add_parts(file, where);
    return {};
  }

  void add_parts(std::uint32_t number, const std::set<std::uint64_t>& offsets) {
    const CodeFile& code = places_.files[number];
    auto found = code_.find(code.path, code.build_id);
    if (!found) {
      out_.missing.push_back(std::move(found).error().message);
      return;
    }
    if (!found->note.empty()) out_.notes.push_back(fmt::format("{}: {}", printable(code.path), found->note));
    MeasuredFile& file = files_[number];
    file.found = std::move(*found);
    file.symbols = std::make_unique<Symbolizer>(file.found.file, debug_places(servers_));
    std::map<std::uint64_t, CodeRange> ranges;
    std::size_t homeless = 0;
    for (const std::uint64_t offset : offsets) {
      const auto vaddr = file.found.file->vaddr_of(offset);
      const auto range = vaddr ? file.symbols->range_at(*vaddr) : std::nullopt;
      range ? void(ranges.emplace(range->start, *range)) : void(++homeless);
    }
    if (homeless > 0)
      out_.missing.push_back(fmt::format("{}: {} in no function that it has a symbol of",
                                         printable(code.path), counted(homeless, "address", "addresses")));
    for (const auto& [start, range] : ranges) add_part(number, range);
  }

  void add_part(std::uint32_t number, const CodeRange& range) {
    if (out_.parts.size() == kMaxParts) {
      out_.missing.push_back(fmt::format("{}: more than {} parts", printable(range.name), kMaxParts));
      return;
    }
    const MeasuredFile& file = files_[number];
    std::string_view octets = file.found.file->at(range.start);
    octets = octets.substr(0, range.limit - range.start);
    if (octets.empty()) {
      out_.missing.push_back(fmt::format("{}: {} has none of its octets", printable(range.name),
                                         printable(places_.files[number].path)));
      return;
    }
    auto instructions = disassemble(file.found.file->machine(), octets, range.start, query_.syntax);
    if (!instructions) {
      const Error& error = instructions.error();
      out_.missing.push_back(fmt::format("{}: {}{}{}", printable(range.name), error.message,
                                         error.hint.empty() ? "" : ": ", error.hint));
      return;
    }
    AssemblyPart& part = out_.parts.emplace_back();
    part.symbol = range.name;
    part.code = places_.files[number];
    part.start = range.start;
    part.limit = range.start + octets.size();
    for (Instruction& instruction : *instructions) {
      AssemblyLine& line = part.lines.emplace_back();
      line.place = place_of(*file.symbols, instruction.vaddr);
      if (instruction.target)
        if (const auto at = file.symbols->range_at(*instruction.target))
          instruction.text += *instruction.target == at->start
                                  ? fmt::format(" <{}>", at->name)
                                  : fmt::format(" <{}+{:#x}>", at->name, *instruction.target - at->start);
      line.instruction = std::move(instruction);
    }
    part_files_.push_back(number);
  }

  static SourcePlace place_of(const Symbolizer& symbols, std::uint64_t vaddr) {
    const std::vector<SymbolLine> found = symbols.find(vaddr);
    if (found.empty()) return {};
    return {found.front().file, found.front().line,
            found.size() > 1 ? found.front().function : std::string()};
  }

  // Every frame of the profile that lies in an instruction is counted for it, whatever function it is named
  // by: what was inlined is at the address of what it was inlined into.
  void measure() {
    FrameGroups by_instruction(profile_.frames.size(), 0);
    FrameGroups by_part(profile_.frames.size(), 0);
    FrameGroups as_one(profile_.frames.size(), 0);
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> parts;  // by file and start
    std::vector<std::uint32_t> first_group;
    std::uint32_t groups = 1;
    for (std::size_t i = 0; i < out_.parts.size(); ++i) {
      parts[{part_files_[i], out_.parts[i].start}] = i;
      first_group.push_back(groups);
      groups += static_cast<std::uint32_t>(out_.parts[i].lines.size());
    }
    for (FrameId id = 1; id < profile_.frames.size(); ++id) {
      const CodePlace& place = places_.of_frame[id];
      const auto file = place.file == kNoCodeFile ? files_.end() : files_.find(place.file);
      const auto vaddr =
          file == files_.end() ? std::nullopt : file->second.found.file->vaddr_of(place.file_offset);
      if (!vaddr) continue;
      auto part = parts.upper_bound({place.file, *vaddr});
      if (part == parts.begin() || (--part)->first.first != place.file) continue;
      const AssemblyPart& in = out_.parts[part->second];
      if (*vaddr >= in.limit) continue;
      const auto after = std::upper_bound(
          in.lines.begin(), in.lines.end(), *vaddr,
          [](std::uint64_t address, const AssemblyLine& line) { return address < line.instruction.vaddr; });
      by_instruction[id] =
          first_group[part->second] + static_cast<std::uint32_t>(after - in.lines.begin() - 1);
      by_part[id] = static_cast<std::uint32_t>(part->second + 1);
      as_one[id] = kOfFunction;
    }
    const Costs whole = measure_costs(profile_, query_.value, as_one, kOfFunction + 1);
    const Costs of_parts = measure_costs(profile_, query_.value, by_part, out_.parts.size() + 1);
    const Costs of_instructions = measure_costs(profile_, query_.value, by_instruction, groups);
    out_.total = whole.total;
    out_.whole = measured_cost(whole, whole.groups[kOfFunction]);
    for (std::size_t i = 0; i < out_.parts.size(); ++i) {
      AssemblyPart& part = out_.parts[i];
      part.whole = measured_cost(of_parts, of_parts.groups[i + 1]);
      for (std::size_t at = 0; at < part.lines.size(); ++at)
        part.lines[at].cost = measured_cost(of_instructions, of_instructions.groups[first_group[i] + at]);
    }
    std::stable_sort(out_.parts.begin(), out_.parts.end(), [](const AssemblyPart& a, const AssemblyPart& b) {
      return a.whole.cumulative > b.whole.cumulative;
    });
  }

  // Lines of the costliest sources, where these are found.
  void read_sources() {
    struct Named {
      std::int64_t cost = 0;
      std::set<std::int32_t> lines;
      std::set<std::string> build_ids;
    };
    std::map<std::string, Named> files;
    for (const AssemblyPart& part : out_.parts) {
      for (const AssemblyLine& line : part.lines) {
        if (line.place.file.empty() || line.place.line <= 0) continue;
        Named& named = files[line.place.file];
        named.cost += line.cost.self;
        named.lines.insert(line.place.line);
        if (!part.code.build_id.empty()) named.build_ids.insert(part.code.build_id);
      }
    }
    std::vector<std::pair<std::string, Named>> ordered(files.begin(), files.end());
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.second.cost > b.second.cost; });
    if (ordered.size() > kMaxSources) ordered.resize(kMaxSources);
    for (const auto& [file, named] : ordered) {
      SourceWanted wanted = source_wanted(profile_);
      wanted.file = file;
      wanted.last_line = *named.lines.rbegin();
      wanted.build_ids.assign(named.build_ids.begin(), named.build_ids.end());
      const auto source = sources_.find(wanted);
      if (!source) continue;
      if (!source->note.empty()) out_.notes.push_back(fmt::format("{}: {}", printable(file), source->note));
      const std::vector<std::string_view> all = lines(source->text);
      for (const std::int32_t line : named.lines)
        if (static_cast<std::size_t>(line) <= all.size())
          out_.sources[file][line] = shown_line(all[static_cast<std::size_t>(line) - 1]);
    }
  }

  const Profile& profile_;
  const AssemblyQuery& query_;
  const CodeFinder& code_;
  const SourceFinder& sources_;
  CodePlaces places_;
  std::shared_ptr<DebuginfodClient> servers_ = std::make_shared<DebuginfodClient>(SymbolLimits{});
  std::map<std::uint32_t, MeasuredFile> files_;  // by number in places_
  std::vector<std::uint32_t> part_files_;        // of each part while they are found
  AssemblyListing out_;
};

}  // namespace

Result<AssemblyListing> list_assembly(const Profile& profile, const AssemblyQuery& query,
                                      const CodeFinder& code, const SourceFinder& sources) {
  return Lister(profile, query, code, sources).list();
}

}  // namespace signalbox::profile
