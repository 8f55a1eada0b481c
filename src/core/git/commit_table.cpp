#include "core/git/commit_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include <libdeflate.h>

namespace signalbox::git {
namespace {

constexpr std::uint64_t kMagic = 0x0163'6d74'7862'5301;  // also tells the order of octets
constexpr std::size_t kMaxCounts = 64;
constexpr std::uint64_t kMaxTableOctets = std::uint64_t{4} << 30;

// The numbers in front of a table's file. Its octets end with a CRC-32 of all before them.
struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t id_bytes = 0;
  std::uint32_t text_version = 0;
  std::uint64_t commits = 0;
  std::uint64_t edges = 0;
  std::uint64_t text_bytes = 0;
  std::uint64_t count_numbers = 0;  // 32-bit numbers that the counts take
};

std::uint32_t checksum(std::string_view octets) {
  return libdeflate_crc32(0, octets.data(), octets.size());
}

template <class T>
void append(std::string& out, const T* values, std::size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

// Takes values off the front of octets whose size was checked.
template <class T>
void take(std::string_view& octets, T* out, std::size_t count) {
  if (count > 0) std::memcpy(out, octets.data(), count * sizeof(T));
  octets.remove_prefix(count * sizeof(T));
}

bool ascends_to(const auto& ends, std::size_t last) {
  return std::is_sorted(ends.begin(), ends.end()) && (ends.empty() ? last == 0 : ends.back() == last);
}

std::vector<std::uint32_t> numbers_of(const std::vector<CommitTable::Count>& counts) {
  std::vector<std::uint32_t> out;
  for (const CommitTable::Count& count : counts) {
    out.push_back(static_cast<std::uint32_t>(count.commits));
    out.push_back(static_cast<std::uint32_t>(count.tips.size()));
    out.insert(out.end(), count.tips.begin(), count.tips.end());
  }
  return out;
}

// Empty where the numbers are no counts of a table of `commits`.
std::optional<std::vector<CommitTable::Count>> counts_of(std::span<const std::uint32_t> numbers,
                                                         std::uint32_t commits) {
  std::vector<CommitTable::Count> out;
  while (!numbers.empty()) {
    if (numbers.size() < 2 || numbers[1] > numbers.size() - 2 || out.size() == kMaxCounts)
      return std::nullopt;
    const auto tips = numbers.subspan(2, numbers[1]);
    if (std::any_of(tips.begin(), tips.end(), [&](std::uint32_t tip) { return tip >= commits; }))
      return std::nullopt;
    out.push_back({{tips.begin(), tips.end()}, numbers[0]});
    numbers = numbers.subspan(2 + tips.size());
  }
  return out;
}

}  // namespace

std::span<const std::uint32_t> CommitTable::parents(std::uint32_t commit) const {
  const std::uint32_t begin = commit == 0 ? 0 : parent_ends_[commit - 1];
  return std::span(parents_).subspan(begin, parent_ends_[commit] - begin);
}

std::string_view CommitTable::text(std::uint32_t commit) const {
  const std::uint64_t begin = commit == 0 ? 0 : text_ends_[commit - 1];
  const std::uint64_t size = text_ends_[commit] - begin;
  if (begin + size <= old_texts_.size()) return old_texts_.substr(begin, size);
  return std::string_view(texts_).substr(begin - old_texts_.size(), size);
}

void CommitTable::add(std::span<const CommitBatch> batches) {
  struct Source {
    const CommitBatch* batch;
    std::size_t at;
  };
  std::vector<Source> sources;
  for (const CommitBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
      if (ids_.insert(batch.ids[i])) sources.push_back({&batch, i});
    }
  }
  for (const auto& [batch, at] : sources) {
    times_s_.push_back(batch->times_s[at]);
    for (std::size_t i = at == 0 ? 0 : batch->parent_ends[at - 1]; i < batch->parent_ends[at]; ++i) {
      if (const auto parent = find(batch->parents[i])) parents_.push_back(*parent);
    }
    parent_ends_.push_back(static_cast<std::uint32_t>(parents_.size()));
    const std::uint64_t text = at == 0 ? 0 : batch->text_ends[at - 1];
    texts_.append(batch->texts, text, batch->text_ends[at] - text);
    text_ends_.push_back(old_texts_.size() + texts_.size());
  }
}

void CommitTable::remember(Count count) {
  if (count.commits > UINT32_MAX) return;
  std::erase_if(counts_, [&](const Count& other) { return other.tips == count.tips; });
  if (counts_.size() == kMaxCounts) counts_.erase(counts_.begin());
  counts_.push_back(std::move(count));
}

std::string CommitTable::write() const {
  const std::vector<std::uint32_t> counts = numbers_of(counts_);
  Header header;
  header.id_bytes = static_cast<std::uint32_t>(size_of(format_));
  header.text_version = text_version_;
  header.commits = ids_.size();
  header.edges = parents_.size();
  header.text_bytes = old_texts_.size() + texts_.size();
  header.count_numbers = counts.size();
  std::string out;
  out.reserve(sizeof header + ids_.size() * (header.id_bytes + 20) + parents_.size() * 4 + texts_.size() +
              counts.size() * 4 + 4);
  append(out, &header, 1);
  append(out, times_s_.data(), times_s_.size());
  append(out, text_ends_.data(), text_ends_.size());
  append(out, parent_ends_.data(), parent_ends_.size());
  append(out, parents_.data(), parents_.size());
  append(out, counts.data(), counts.size());
  for (std::uint32_t commit = 0; commit < size(); ++commit) out += id(commit).view(format_);
  out += old_texts_;
  out += texts_;
  return with_checksum(std::move(out));
}

std::optional<CommitTable> CommitTable::read(std::string_view octets, IdFormat format,
                                             std::uint32_t text_version) {
  Header header;
  std::uint32_t sum = 0;
  if (octets.size() < sizeof header + sizeof sum || octets.size() > kMaxTableOctets) return std::nullopt;
  std::memcpy(&sum, octets.data() + octets.size() - sizeof sum, sizeof sum);
  octets.remove_suffix(sizeof sum);
  if (checksum(octets) != sum) return std::nullopt;
  take(octets, &header, 1);
  const bool is_ours =
      header.magic == kMagic && header.id_bytes == size_of(format) && header.text_version == text_version;
  const std::uint64_t most = octets.size();
  if (!is_ours || header.commits > most || header.edges > most || header.text_bytes > most ||
      header.count_numbers > most ||
      header.commits * (header.id_bytes + 20) + header.edges * 4 + header.count_numbers * 4 +
              header.text_bytes !=
          most)
    return std::nullopt;
  CommitTable table(format, text_version);
  table.times_s_.resize(header.commits);
  table.text_ends_.resize(header.commits);
  table.parent_ends_.resize(header.commits);
  table.parents_.resize(header.edges);
  std::vector<std::uint32_t> counts(header.count_numbers);
  take(octets, table.times_s_.data(), header.commits);
  take(octets, table.text_ends_.data(), header.commits);
  take(octets, table.parent_ends_.data(), header.commits);
  take(octets, table.parents_.data(), header.edges);
  take(octets, counts.data(), counts.size());
  table.ids_.reserve(header.commits);
  for (std::uint64_t i = 0; i < header.commits; ++i) {
    if (!table.ids_.insert(ObjectId::from_octets(octets.substr(0, header.id_bytes)))) return std::nullopt;
    octets.remove_prefix(header.id_bytes);
  }
  table.old_texts_ = octets;
  auto remembered = counts_of(counts, table.size());
  if (!remembered || !table.is_sound()) return std::nullopt;
  table.counts_ = std::move(*remembered);
  return table;
}

std::optional<CommitTable> CommitTable::open(const std::filesystem::path& file, IdFormat format,
                                             std::uint32_t text_version) {
  auto mapped = MappedFile::open(file);
  if (!mapped) return std::nullopt;
  auto table = read(mapped->octets(), format, text_version);
  if (table) table->file_ = std::move(*mapped);
  return table;
}

bool CommitTable::is_sound() const {
  return ascends_to(text_ends_, old_texts_.size()) && ascends_to(parent_ends_, parents_.size()) &&
         std::all_of(parents_.begin(), parents_.end(), [&](std::uint32_t parent) { return parent < size(); });
}

std::vector<bool> reachable(const CommitTable& table, const std::vector<std::uint32_t>& tips) {
  std::vector<bool> reached(table.size(), false);
  std::vector<std::uint32_t> open;
  const auto reach = [&](std::uint32_t commit) {
    if (reached[commit]) return;
    reached[commit] = true;
    open.push_back(commit);
  };
  for (const std::uint32_t tip : tips) reach(tip);
  while (!open.empty()) {
    const std::uint32_t commit = open.back();
    open.pop_back();
    for (const std::uint32_t parent : table.parents(commit)) reach(parent);
  }
  return reached;
}

std::string with_checksum(std::string octets) {
  const std::uint32_t sum = checksum(octets);
  append(octets, &sum, 1);
  return octets;
}

std::vector<std::uint32_t> heads_of(const CommitTable& table, const std::vector<std::uint32_t>& tips) {
  const std::vector<bool> reached = reachable(table, tips);
  std::vector<bool> has_child(table.size(), false);
  for (std::uint32_t commit = 0; commit < table.size(); ++commit) {
    if (!reached[commit]) continue;
    for (const std::uint32_t parent : table.parents(commit)) has_child[parent] = true;
  }
  std::vector<std::uint32_t> heads;
  std::copy_if(tips.begin(), tips.end(), std::back_inserter(heads),
               [&](std::uint32_t tip) { return !has_child[tip]; });
  std::sort(heads.begin(), heads.end());
  heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
  return heads;
}

std::vector<std::uint32_t> topological_order(const CommitTable& table,
                                             const std::vector<std::uint32_t>& tips) {
  const std::vector<bool> reached = reachable(table, tips);
  std::vector<std::uint32_t> children(table.size(), 0);  // that are not yet in the order
  for (std::uint32_t commit = 0; commit < table.size(); ++commit) {
    if (!reached[commit]) continue;
    for (const std::uint32_t parent : table.parents(commit)) ++children[parent];
  }
  // Commits without children are among the tips. The newest of them by its date comes first, as in git.
  std::vector<std::uint32_t> open;
  std::vector<bool> is_open(table.size(), false);
  for (const std::uint32_t tip : tips) {
    if (children[tip] != 0 || is_open[tip]) continue;
    is_open[tip] = true;
    open.push_back(tip);
  }
  std::stable_sort(open.begin(), open.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return table.time_s(a) > table.time_s(b); });
  std::reverse(open.begin(), open.end());
  std::vector<std::uint32_t> order;
  while (!open.empty()) {
    const std::uint32_t commit = open.back();
    open.pop_back();
    order.push_back(commit);
    for (const std::uint32_t parent : table.parents(commit)) {
      if (--children[parent] == 0) open.push_back(parent);
    }
  }
  return order;
}

}  // namespace signalbox::git
