// Tables to walk stacks by: of a large library without frame pointers, from .eh_frame to rows. The peer is
// elfutils, which answers for one address: it is asked for each function's first one. Both begin with
// the path of the file.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/unwind_cache.hpp"
#include "instruments/profile/elf/unwind_table.hpp"

namespace {

namespace profile = signalbox::profile;
using signalbox::TemporaryDirectory;

constexpr const char* kLibrary = "/usr/lib/x86_64-linux-gnu/libLLVM-16.so.1";
constexpr int kPairs = 5;

void give_up(const std::string& why) {
  std::fprintf(stderr, "profile_unwind_bench: %s\n", why.c_str());
  std::exit(1);
}

double milliseconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// How many functions elfutils finds the frame of.
std::size_t frames_by_elfutils(const std::vector<std::uint64_t>& functions) {
  const int descriptor = ::open(kLibrary, O_RDONLY | O_CLOEXEC);
  elf_version(EV_CURRENT);
  Elf* const elf = elf_begin(descriptor, ELF_C_READ_MMAP, nullptr);
  Dwarf_CFI* const cfi = dwarf_getcfi_elf(elf);
  std::size_t found = 0;
  for (const std::uint64_t address : functions) {
    Dwarf_Frame* frame = nullptr;
    if (dwarf_cfi_addrframe(cfi, address, &frame) == 0) ++found;
    std::free(frame);
  }
  dwarf_cfi_end(cfi);
  elf_end(elf);
  ::close(descriptor);
  return found;
}

// Each with its file, which is read from the path.
std::size_t rows_made() {
  const auto file = profile::ElfFile::open(kLibrary);
  if (!file) give_up(file.error().message);
  const auto table = profile::compile_unwind_table(*file);
  if (!table) give_up(table.error().message);
  return table->rows().size();
}

std::size_t rows_kept(const profile::UnwindCache& cache) {
  const auto file = profile::ElfFile::open(kLibrary);
  if (!file) give_up(file.error().message);
  const auto table = cache.load(*file);
  if (!table) give_up(table.error().message);
  return table->rows().size();
}

// The first address of each function.
std::vector<std::uint64_t> functions_of(const profile::ElfFile& file) {
  const profile::ElfSection* const index = file.section(".eh_frame_hdr");
  if (index == nullptr) give_up("the library has no .eh_frame_hdr");
  // After version, encodings and address: how many, and then a function's begin and its entry, from here.
  std::vector<std::uint64_t> functions;
  for (std::size_t at = 12; at + 8 <= index->octets.size(); at += 8) {
    std::int32_t begin = 0;
    index->octets.copy(reinterpret_cast<char*>(&begin), sizeof begin, at);
    functions.push_back(index->vaddr + static_cast<std::uint64_t>(std::int64_t{begin}));
  }
  return functions;
}

}  // namespace

int main() {
  const auto elf = profile::ElfFile::open(kLibrary);
  if (!elf) {
    std::printf("profile_unwind: left out: no %s\n", kLibrary);
    return 0;
  }
  std::printf("{\"bench\":\"profile_unwind\",\"peers\":\"elfutils %s\"}\n", dwfl_version(nullptr));
  const std::vector<std::uint64_t> functions = functions_of(*elf);
  std::vector<double> ours, theirs, ratios;
  std::size_t rows = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    ours.push_back(milliseconds([&] { rows = rows_made(); }));
    std::size_t found = 0;
    theirs.push_back(milliseconds([&] { found = frames_by_elfutils(functions); }));
    if (found != functions.size()) give_up("elfutils does not find the frames of all functions");
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf(
      "{\"bench\":\"profile_unwind\",\"what\":\"table of libLLVM-16, %zu functions, %zu "
      "rows\",\"unit\":\"ms\","
      "\"ours\":%.3f,\"peer\":\"elfutils, one address of each function\",\"peer_value\":%.3f,\"ratio\":%.4f,"
      "\"floor\":100,\"goal\":25,\"judged\":\"ours\",\"better\":\"lower\",\"command\":\"bench/run "
      "profile_unwind\"}\n",
      functions.size(), rows, median(ours), median(theirs), median(ratios));
  const TemporaryDirectory folder;
  const profile::UnwindCache cache(folder.path());
  if (!cache.table_of(*elf)) give_up("its table cannot be kept");
  std::vector<double> kept, made, shares;
  for (int pair = 0; pair < kPairs; ++pair) {
    std::size_t rows_again = 0;
    kept.push_back(milliseconds([&] { rows_again = rows_kept(cache); }));
    made.push_back(milliseconds([&] { rows = rows_made(); }));
    if (rows_again != rows) give_up("the kept table is another one");
    shares.push_back(kept.back() / made.back());
  }
  std::printf(
      "{\"bench\":\"profile_unwind\",\"what\":\"the same table, kept between runs\",\"unit\":\"ms\","
      "\"ours\":%.3f,\"peer\":\"made anew\",\"peer_value\":%.3f,\"ratio\":%.4f,\"floor\":null,"
      "\"goal\":1,\"judged\":\"ours\",\"better\":\"lower\",\"command\":\"bench/run profile_unwind\"}\n",
      median(kept), median(made), median(shares));
  return 0;
}
