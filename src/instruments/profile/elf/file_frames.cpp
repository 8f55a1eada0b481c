#include "instruments/profile/elf/file_frames.hpp"

namespace signalbox::profile {

Mapping file_mapping(ProfileBuilder& builder, std::string_view path, const ElfFile* elf) {
  Mapping out;
  out.path = builder.string(path);
  if (elf == nullptr) return out;
  out.build_id = builder.string(elf->build_id());
  for (const ElfSegment& segment : elf->segments()) {
    if (!segment.is_executable) continue;
    out.start = segment.vaddr;
    out.file_offset = segment.file_offset;
    out.limit = segment.vaddr + segment.memory_size;
    break;
  }
  return out;
}

std::vector<FrameId> named_frames(ProfileBuilder& builder, const std::vector<SymbolLine>& found,
                                  const Frame& at) {
  if (found.empty()) return {builder.frame(at)};
  std::vector<FrameId> out;
  for (auto line = found.rbegin(); line != found.rend(); ++line) {
    Frame frame = at;
    frame.function =
        builder.function(Function{builder.string(line->function), builder.string(line->system_name),
                                  builder.string(line->file), line->start_line});
    frame.line = line->line;
    frame.column = line->column;
    if (line != found.rbegin()) frame.kind = FrameKind::inlined;
    out.push_back(builder.frame(frame));
  }
  return out;
}

}  // namespace signalbox::profile
