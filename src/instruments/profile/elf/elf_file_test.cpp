#include "instruments/profile/elf/elf_file.hpp"

#include <string>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

std::string number(std::uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
          static_cast<char>(value >> 24)};
}
// Sizes of owner and content, a type, then both (gABI 4.1, "Note Section"); `content` as it is.
std::string note(std::uint32_t type, const std::string& owner, const std::string& content) {
  return number(4) + number(static_cast<std::uint32_t>(content.size())) + number(type) + owner +
         std::string(1, '\0') + content;
}

}  // namespace

TEST(ElfNotes, TheBuildIdIsGnusNoteOfTypeThree) {
  const std::string id = "\x01\x23\xab\xcd\xef";  // no multiple of four: padded, but not at the end
  const std::string other = note(1, "GNU", "abcd") + note(3, "XYZ", "efgh");
  EXPECT_EQ(build_id_of_notes(other + note(3, "GNU", id) + std::string(3, '\0') + other), "0123abcdef");
  EXPECT_EQ(build_id_of_notes(other + note(3, "GNU", id)), "0123abcdef");
  EXPECT_EQ(build_id_of_notes(other), "");
  EXPECT_EQ(build_id_of_notes(""), "");
}

TEST(ElfNotes, WhatIsCutHasNone) {
  const std::string whole = note(3, "GNU", "abcdefgh");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(build_id_of_notes(whole.substr(0, size)), "") << size;
  EXPECT_EQ(build_id_of_notes(number(0xffffffff) + number(0xffffffff) + number(3) + "GNU"), "");
}

}  // namespace signalbox::profile
