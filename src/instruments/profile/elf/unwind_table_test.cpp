#include "instruments/profile/elf/unwind_table.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/frame_program.hpp"

namespace profile = signalbox::profile;
using profile::UnwindRule;

namespace {

constexpr const char* kLibc = "/lib/x86_64-linux-gnu/libc.so.6";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::string_view word : signalbox::split(line, ' '))
    if (!word.empty()) out.push_back(word);
  return out;
}

std::uint64_t hex(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// A rule as readelf writes it: "rsp+8 c-16 c-8".
std::string written(const UnwindRule& rule) {
  if (rule.kind == UnwindRule::Kind::bottom) return "bottom";
  if (rule.kind == UnwindRule::Kind::unknown) return "unknown";
  const std::string cfa =
      fmt::format("{}{:+}", rule.kind == UnwindRule::Kind::from_sp ? "rsp" : "rbp", rule.cfa_offset);
  const std::string fp = rule.fp_offset == 0 ? "u" : fmt::format("c{:+}", rule.fp_offset);
  return fmt::format("{} {} c{:+}", cfa, fp, rule.ra_offset);
}

struct Comparison {
  std::size_t rows = 0;
  std::size_t not_understood = 0;
  std::vector<std::string> different;
};

// Every row that readelf has for `path`, beside what the table says at its address.
Comparison compare_with_readelf(const std::string& path) {
  const auto table = profile::compile_unwind_table(profile::ElfFile::open(path).value()).value();
  signalbox::ProcessOptions options;
  options.max_output_bytes = std::size_t{1} << 30;
  const auto readelf = signalbox::run_process({"readelf", "-wF", path}, options).value();
  Comparison out;
  std::vector<std::string_view> columns;
  bool function = false;
  std::uint64_t limit = 0;
  for (const std::string_view line : signalbox::lines(readelf.output)) {
    if (line.find(" CIE ") != std::string_view::npos) function = false;
    if (const std::size_t pc = line.find(" pc="); pc != std::string_view::npos) {
      function = true;
      limit = hex(line.substr(line.find("..", pc) + 2));
    }
    const auto words = words_of(line);
    if (words.size() > 1 && words[0] == "LOC") columns = words;
    if (!function || words.size() < 2 || words[0].size() != 16 || words.size() != columns.size()) continue;
    const std::uint64_t address = hex(words[0]);
    // What readelf shortens to "exp" says nothing to compare with.
    if (address >= limit || words[1] == "exp") continue;
    const auto value_of = [&](std::string_view name) {
      const auto column = std::find(columns.begin(), columns.end(), name);
      const auto value = column == columns.end() ? std::string_view("u")
                                                 : words[static_cast<std::size_t>(column - columns.begin())];
      return value == "s" ? std::string_view("u") : value;
    };
    std::string theirs = fmt::format("{} {} {}", words[1], value_of("rbp"), value_of("ra"));
    if (value_of("ra") == "u") theirs = "bottom";
    const std::string ours = written(table.find(address));
    ++out.rows;
    if (ours == "unknown")
      ++out.not_understood;
    else if (theirs.find("exp") == std::string::npos && ours != theirs)
      out.different.push_back(fmt::format("{:x}: {} but readelf has {}", address, ours, theirs));
  }
  return out;
}

}  // namespace

TEST(UnwindTable, SaysOfTheCLibraryWhatReadelfSays) {
  const Comparison comparison = compare_with_readelf(kLibc);
  EXPECT_GT(comparison.rows, 20000U);
  // A context that is switched to in assembly has its frame in a register of its own.
  EXPECT_LE(comparison.not_understood, 10U);
  EXPECT_EQ(comparison.different.size(), 0U) << comparison.different.front();
}

TEST(UnwindTable, SaysOfThisProgramWhatReadelfSays) {
  const Comparison comparison = compare_with_readelf(signalbox::own_executable());
  EXPECT_GT(comparison.rows, 5000U);
  EXPECT_EQ(comparison.not_understood, 0U);
  EXPECT_EQ(comparison.different.size(), 0U) << comparison.different.front();
}

TEST(UnwindTable, IsLaidOutForASearchWithinOnePage) {
  const auto table = profile::compile_unwind_table(profile::ElfFile::open(kLibc).value()).value();
  const auto pages = table.pages();
  ASSERT_GT(pages.size(), 100U);
  EXPECT_EQ(pages.back(), table.rows().size());
  for (std::size_t page = 0; page + 1 < pages.size(); ++page) {
    ASSERT_LE(pages[page], pages[page + 1]);
    const auto rows = table.rows().subspan(pages[page], pages[page + 1] - pages[page]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_LT(rows[i] >> 16, table.rules().size());
      if (i == 0) {
        EXPECT_EQ(rows[i] & 0xFFFFU, (table.base() + (page << 12)) & 0xFFFFU);
      } else {
        EXPECT_LT(rows[i - 1] & 0xFFFFU, rows[i] & 0xFFFFU);
      }
    }
  }
  EXPECT_EQ(table.find(table.base() + (pages.size() << 12)), UnwindRule{});
  EXPECT_EQ(table.find(table.base() - 1), UnwindRule{});
}

TEST(ElfFile, RefusesWhatIsNone) {
  using profile::ElfFile;
  const std::string narrow =
      std::string("\x7F", 1) + std::string("ELF\x01\x01\x01", 6) + std::string(57, '\0');
  for (const std::string& octets : {std::string("#!/bin/sh\n"), std::string(), narrow})
    EXPECT_EQ(ElfFile::from_memory(octets, "x").error().kind, signalbox::ErrorKind::bad_input);
  EXPECT_EQ(ElfFile::open("/nonexistent").error().kind, signalbox::ErrorKind::not_found);
}

TEST(ElfFile, HasTheBuildIdThatReadelfTells) {
  const auto elf = profile::ElfFile::open(kLibc).value();
  const auto readelf = signalbox::run_process({"readelf", "-n", kLibc}).value().output;
  ASSERT_EQ(elf.build_id().size(), 40U);
  EXPECT_NE(readelf.find("Build ID: " + elf.build_id()), std::string::npos);
}

// The octets of kept programs, some of them changed: whatever comes of it, nothing is read beyond them.
TEST(UnwindTable, OfABrokenFileStaysWithinIt) {
  std::size_t compiled = 0;
  for (const char* name : {"small", "stripped"}) {
    const auto whole =
        signalbox::read_file(signalbox::testing::source_directory() / "fuzz/corpus/elf_fuzz" / name).value();
    std::uint64_t random = 88172645463325252;  // xorshift64
    for (int round = 0; round < 2000; ++round) {
      std::string octets = whole;
      for (int change = 0; change < 8; ++change) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        octets[random % octets.size()] = static_cast<char>(random >> 56);
      }
      if (round % 4 == 0) octets.resize(random % octets.size());
      auto elf = profile::ElfFile::from_memory(std::move(octets), name);
      if (!elf) continue;
      const auto table = profile::compile_unwind_table(*elf);
      if (!table) continue;
      ++compiled;
      for (const std::uint32_t row : table->rows()) ASSERT_LT(row >> 16, table->rules().size());
    }
  }
  EXPECT_GT(compiled, 1000U);
}

// Linkers write rsp + 8 + ((rip & 15) >= N ? 8 : 0), with an N that depends on how their entries begin.
TEST(FrameProgram, AnEntryOfALinkageTableSaysFromWhereItsFrameIsLarger) {
  profile::FrameCommon common;
  common.data_alignment = -8;
  const std::string return_address("\x90\x01", 2);  // DW_CFA_offset: register 16 at CFA - 8
  common.instructions = return_address;
  for (const int threshold : {9, 10, 11}) {
    std::string instructions("\x0f\x0b\x77\x08\x80\x00\x3f\x1a",
                             8);  // DW_CFA_def_cfa_expression of 11 octets
    instructions += static_cast<char>(0x30 + threshold);
    instructions += "\x2a\x33\x24\x22";
    profile::FrameProgram program(profile::Machine::x86_64, common);
    std::vector<UnwindRule> rules;
    ASSERT_TRUE(program.run(instructions, 0x1000, 0x1010,
                            [&](std::uint64_t, const UnwindRule& rule) { rules.push_back(rule); }));
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0].kind, UnwindRule::Kind::plt);
    EXPECT_EQ(rules[0].cfa_offset, threshold);
  }
}
