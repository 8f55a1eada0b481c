// Any octets as what git keeps: a pack beside its index, commits, tags, deltas, packed references, and a
// table of commits kept between runs. Nothing but refused or read; what is read of a table can be walked.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/git/commit_table.hpp"
#include "core/git/object.hpp"
#include "core/git/pack.hpp"
#include "core/git/refs.hpp"
#include "instruments/train/parsed_commit.hpp"

namespace {

using namespace signalbox::git;

void require(bool holds) {
  if (!holds) std::abort();
}

// The first two octets say where the pack ends and the index begins.
void read_pack(std::string_view octets, IdFormat format) {
  if (octets.size() < 2) return;
  const std::size_t cut = std::min<std::size_t>(
      static_cast<std::uint8_t>(octets[0]) * std::size_t{256} + static_cast<std::uint8_t>(octets[1]),
      octets.size() - 2);
  const std::string_view pack = octets.substr(2, cut);
  const std::string_view index = octets.substr(2 + cut);
  const auto opened = Pack::parse(index, pack, format);
  if (!opened) return;
  ReadingRoom room;
  Object object;
  for (std::uint32_t place = 0; place < std::min<std::uint32_t>(opened->size(), 64); ++place) {
    (void)opened->find(opened->id(place));
    const bool typed = opened->type(place).has_value();
    if (opened->read(place, room, object)) require(typed && object.octets.size() <= kMaxObjectBytes);
  }
}

void read_table(std::string_view octets) {
  const std::string_view body = octets.substr(0, octets.size() - std::min<std::size_t>(octets.size(), 4));
  const std::string whole = with_checksum(std::string(body));
  for (const std::string_view text : {octets, std::string_view(whole)}) {
    const auto table = CommitTable::read(text, IdFormat::sha1, 1);
    if (!table) continue;
    std::vector<std::uint32_t> all(table->size());
    for (std::uint32_t i = 0; i < table->size(); ++i) {
      all[i] = i;
      require(table->find(table->id(i)) == i);
      (void)signalbox::train::read_parsed(table->text(i)).parts();
    }
    require(topological_order(*table, all).size() <= all.size());
    require(heads_of(*table, all).size() <= all.size());
    require(CommitTable::read(table->write(), IdFormat::sha1, 1).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  for (const IdFormat format : {IdFormat::sha1, IdFormat::sha256}) read_pack(octets, format);
  read_table(octets);
  CommitObject commit;
  if (parse_commit_object(octets, commit)) {
    if (const auto recoded = in_utf8(octets, commit.encoding)) (void)parse_commit_object(*recoded, commit);
  }
  (void)parse_tag_object(octets);
  std::string out;
  const std::size_t half = size / 2;
  (void)apply_delta(octets.substr(0, half), octets.substr(half), out);
  std::vector<TagRef> refs;
  (void)parse_packed_tags(octets, refs);
  return 0;
}
