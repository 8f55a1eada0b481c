// References as git's files hold them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::git {

// A tag's name, without refs/tags/, and the hexadecimal id that it has.
using TagRef = std::pair<std::string, std::string>;

// The tags of the repository whose common directory this is, by name, from refs/tags and packed-refs. Nothing
// where they are kept in another way, or hold anything that only git should judge: symbolic references, odd
// names, broken files.
std::optional<std::vector<TagRef>> read_tag_refs(const std::filesystem::path& common_directory);

// Into `out` what packed-refs says of tags, where the name is not there yet; false where it is not
// understood.
bool parse_packed_tags(std::string_view octets, std::vector<TagRef>& out);

}  // namespace signalbox::git
