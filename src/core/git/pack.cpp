#include "core/git/pack.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/core.h>

namespace signalbox::git {
namespace {

constexpr std::size_t kFanOut = 256;
constexpr std::size_t kIndexHeaderBytes = 8;
constexpr std::size_t kPackHeaderBytes = 12;
constexpr std::size_t kMaxDeltas = 5'000;                     // in a chain; git makes at most 4,095
constexpr std::size_t kMaxChainBytes = std::size_t{1} << 30;  // of all that a chain makes on its way
constexpr std::uint32_t kIsLong = 0x8000'0000;

// Types that stand in packs alone.
constexpr unsigned kOffsetDelta = 6;
constexpr unsigned kIdDelta = 7;

std::uint32_t number_at(std::string_view octets, std::size_t at) {
  std::uint32_t out = 0;
  std::memcpy(&out, octets.data() + at, sizeof out);
  return __builtin_bswap32(out);
}

// The first eight octets as a number that compares as they do.
std::uint64_t beginning_of(const void* octets) {
  std::uint64_t out = 0;
  std::memcpy(&out, octets, sizeof out);
  return __builtin_bswap64(out);
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("a damaged pack: {}", what),
              "git fsck tells what is wrong with it");
}

// Takes a number of little-endian groups of seven bits off the front.
bool take_size(std::string_view& octets, std::uint64_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < 63 && !octets.empty(); shift += 7) {
    const auto octet = static_cast<std::uint8_t>(octets.front());
    octets.remove_prefix(1);
    out |= static_cast<std::uint64_t>(octet & 0x7F) << shift;
    if ((octet & 0x80) == 0) return true;
  }
  return false;
}

// The octets of a copy command's number that `flags` says are there.
bool take_parts(std::string_view& delta, unsigned flags, unsigned parts, std::size_t& out) {
  out = 0;
  for (unsigned i = 0; i < parts; ++i) {
    if ((flags & (1U << i)) == 0) continue;
    if (delta.empty()) return false;
    out |= static_cast<std::size_t>(static_cast<std::uint8_t>(delta.front())) << (8 * i);
    delta.remove_prefix(1);
  }
  return true;
}

}  // namespace

bool apply_delta(std::string_view base, std::string_view delta, std::string& out) {
  std::uint64_t base_size = 0;
  std::uint64_t size = 0;
  if (!take_size(delta, base_size) || !take_size(delta, size)) return false;
  if (base_size != base.size() || size > kMaxObjectBytes) return false;
  out.clear();
  out.reserve(static_cast<std::size_t>(size));
  while (!delta.empty()) {
    const auto command = static_cast<std::uint8_t>(delta.front());
    delta.remove_prefix(1);
    if ((command & 0x80) == 0) {  // the next octets themselves
      if (command == 0 || command > delta.size() || command > size - out.size()) return false;
      out += delta.substr(0, command);
      delta.remove_prefix(command);
      continue;
    }
    constexpr std::size_t usual_length = 0x10000;  // what a length of 0 means
    std::size_t from = 0;
    std::size_t length = 0;
    if (!take_parts(delta, command & 0xFU, 4, from) || !take_parts(delta, (command >> 4) & 7U, 3, length))
      return false;
    if (length == 0) length = usual_length;
    if (from > base.size() || length > base.size() - from || length > size - out.size()) return false;
    out += base.substr(from, length);
  }
  return out.size() == size;
}

struct Pack::Entry {
  unsigned type = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;      // of its content
  std::string_view base_part;  // behind the header: of a delta what names its base
  std::string_view stream;     // compressed; ends at the latest where the pack does
};

Result<Pack> Pack::open(const std::filesystem::path& index, IdFormat format) {
  std::filesystem::path pack = index;
  pack.replace_extension(".pack");
  SIGNALBOX_TRY(MappedFile index_file, MappedFile::open(index));
  SIGNALBOX_TRY(MappedFile pack_file, MappedFile::open(pack));
  SIGNALBOX_TRY(Pack out, parse(index_file.octets(), pack_file.octets(), format));
  out.index_file_ = std::move(index_file);
  out.pack_file_ = std::move(pack_file);
  return out;
}

Result<Pack> Pack::parse(std::string_view index, std::string_view pack, IdFormat format) {
  Pack out;
  out.index_ = index;
  out.pack_ = pack;
  out.format_ = format;
  SIGNALBOX_CHECK(out.check());
  return out;
}

Status Pack::check() {
  const std::size_t id_bytes = size_of(format_);
  const std::size_t table = kIndexHeaderBytes + kFanOut * 4;
  if (index_.size() < table + 2 * id_bytes || index_.substr(0, 8) != std::string_view("\377tOc\0\0\0\2", 8))
    return damaged("no index of version 2");
  if (pack_.size() < kPackHeaderBytes + id_bytes || !pack_.starts_with("PACK")) return damaged("no pack");
  pack_.remove_suffix(id_bytes);
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < kFanOut; ++i) {
    const std::uint32_t count = number_at(index_, kIndexHeaderBytes + i * 4);
    if (count < before) return damaged("its index does not ascend");
    before = count;
  }
  count_ = before;
  const std::size_t room = index_.size() - table - 2 * id_bytes;
  const std::size_t each = id_bytes + 4 + 4;
  if (room / each < count_) return damaged("its index is cut short");
  ids_ = index_.substr(table, count_ * id_bytes);
  offsets_ = index_.substr(table + count_ * (id_bytes + 4), count_ * std::size_t{4});
  long_offsets_ = index_.substr(table + count_ * each, room - count_ * each);
  return {};
}

ObjectId Pack::id(std::uint32_t place) const {
  return ObjectId::from_octets(ids_.substr(place * size_of(format_), size_of(format_)));
}

std::optional<std::uint32_t> Pack::find(const ObjectId& id) const {
  const std::size_t first = id.octets[0];
  std::uint32_t low = first == 0 ? 0 : number_at(index_, kIndexHeaderBytes + (first - 1) * 4);
  std::uint32_t high = number_at(index_, kIndexHeaderBytes + first * 4);
  const std::size_t id_bytes = size_of(format_);
  const std::uint64_t wanted = beginning_of(id.octets.data());
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const char* there = ids_.data() + middle * id_bytes;
    const std::uint64_t beginning = beginning_of(there);
    const bool same_beginning = beginning == wanted;
    const int order = same_beginning ? std::memcmp(there, id.octets.data(), id_bytes) : 0;
    if (same_beginning && order == 0) return middle;
    if (same_beginning ? order < 0 : beginning < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

Result<std::uint64_t> Pack::offset(std::uint32_t place) const {
  const std::uint32_t offset = number_at(offsets_, place * std::size_t{4});
  if ((offset & kIsLong) == 0) return offset;
  const std::size_t at = static_cast<std::size_t>(offset & ~kIsLong) * 8;
  if (at + 8 > long_offsets_.size()) return damaged("an offset that is not there");
  return static_cast<std::uint64_t>(number_at(long_offsets_, at)) << 32 | number_at(long_offsets_, at + 4);
}

Result<Pack::Entry> Pack::entry_at(std::uint64_t offset) const {
  if (offset < kPackHeaderBytes || offset >= pack_.size()) return damaged("an entry outside of it");
  Entry entry;
  entry.offset = offset;
  std::string_view rest = pack_.substr(static_cast<std::size_t>(offset));
  const auto first = static_cast<std::uint8_t>(rest.front());
  rest.remove_prefix(1);
  entry.type = (first >> 4) & 7U;
  entry.size = first & 0xFU;
  if ((first & 0x80) != 0) {
    std::uint64_t more = 0;
    if (!take_size(rest, more) || more > kMaxObjectBytes)
      return damaged("an entry of no size, or of more than 64 MiB");
    entry.size |= more << 4;
  }
  if (entry.size > kMaxObjectBytes) return fail(ErrorKind::bad_input, "an object of more than 64 MiB");
  entry.base_part = rest;
  if (entry.type == kIdDelta) {
    if (rest.size() < size_of(format_)) return damaged("an entry that is cut short");
    rest.remove_prefix(size_of(format_));
  } else if (entry.type == kOffsetDelta) {
    while (!rest.empty() && (static_cast<std::uint8_t>(rest.front()) & 0x80) != 0) rest.remove_prefix(1);
    if (rest.empty()) return damaged("an entry that is cut short");
    rest.remove_prefix(1);
  } else if (entry.type == 0 || entry.type == 5) {
    return damaged("an entry of no known type");
  }
  entry.stream = rest;
  return entry;
}

// Where the base of a delta lies in this pack.
Result<std::uint64_t> Pack::base_of(const Entry& entry) const {
  if (entry.type == kIdDelta) {
    const auto place = find(ObjectId::from_octets(entry.base_part.substr(0, size_of(format_))));
    if (!place) return damaged("a delta whose base is not in it");
    return offset(*place);
  }
  std::uint64_t distance = 0;
  for (std::size_t i = 0;; ++i) {
    if (distance >> 55 != 0) return damaged("a delta whose base is not in it");
    const auto octet = static_cast<std::uint8_t>(entry.base_part[i]);
    distance = (i == 0 ? 0 : (distance + 1) << 7) | (octet & 0x7FU);
    if ((octet & 0x80) == 0) break;
  }
  if (distance == 0 || distance >= entry.offset) return damaged("a delta whose base is not in it");
  return entry.offset - distance;
}

Status Pack::read(std::uint32_t place, ReadingRoom& room, Object& out) const {
  SIGNALBOX_TRY(const std::uint64_t offset, this->offset(place));
  SIGNALBOX_TRY(Entry entry, entry_at(offset));
  std::vector<Entry> deltas;  // the last is applied first
  while (entry.type == kOffsetDelta || entry.type == kIdDelta) {
    if (deltas.size() == kMaxDeltas) return damaged("a chain of deltas without end");
    SIGNALBOX_TRY(const std::uint64_t base, base_of(entry));
    deltas.push_back(entry);
    SIGNALBOX_TRY(entry, entry_at(base));
  }
  out.type = static_cast<ObjectType>(entry.type);
  if (!room.inflater.inflate(entry.stream, static_cast<std::size_t>(entry.size), out.octets))
    return damaged("an entry that does not inflate");
  std::size_t made = 0;
  for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) {
    if (!room.inflater.inflate(delta->stream, static_cast<std::size_t>(delta->size), room.delta))
      return damaged("an entry that does not inflate");
    std::swap(room.base, out.octets);
    if (!apply_delta(room.base, room.delta, out.octets)) return damaged("a delta that does not fit its base");
    made += out.octets.size();
    if (made > kMaxChainBytes) return damaged("a chain of deltas that makes more than 1 GiB");
  }
  return {};
}

Result<ObjectType> Pack::type(std::uint32_t place) const {
  SIGNALBOX_TRY(const std::uint64_t offset, this->offset(place));
  SIGNALBOX_TRY(Entry entry, entry_at(offset));
  for (std::size_t deltas = 0; entry.type == kOffsetDelta || entry.type == kIdDelta; ++deltas) {
    if (deltas == kMaxDeltas) return damaged("a chain of deltas without end");
    SIGNALBOX_TRY(const std::uint64_t base, base_of(entry));
    SIGNALBOX_TRY(entry, entry_at(base));
  }
  return static_cast<ObjectType>(entry.type);
}

}  // namespace signalbox::git
