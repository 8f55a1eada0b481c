// What a file of machine code tells of its addresses, as a profile has it.
#pragma once

#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {

// Addresses of files are those of the file itself, so that processes that map it alike or not share their
// frames. Where `elf` is null the path alone is known.
Mapping file_mapping(ProfileBuilder& builder, std::string_view path, const ElfFile* elf);

// The frames of the address of `at`, outermost first, each a caller of the next; `at` alone where nothing was
// `found` (Symbolizer::find).
std::vector<FrameId> named_frames(ProfileBuilder& builder, const std::vector<SymbolLine>& found,
                                  const Frame& at);

}  // namespace signalbox::profile
