#include "core/git/object_store.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxAlternateDepth = 5;  // as git has it
constexpr std::size_t kMaxFolders = 64;
constexpr std::size_t kMaxPacks = 4'096;
constexpr std::size_t kMaxAlternatesBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxHeaderBytes = 64;  // of an object: its type and size

// "commit 123" and a NUL, off the front of a loose object.
std::optional<ObjectType> take_header(std::string& octets) {
  const std::size_t end = octets.find('\0');
  if (end == std::string::npos || end > kMaxHeaderBytes) return std::nullopt;
  const std::string_view header = std::string_view(octets).substr(0, end);
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto type = parse_object_type(header.substr(0, space));
  const auto size = parse_integer(header.substr(space + 1));
  if (!type || !size || static_cast<std::size_t>(*size) != octets.size() - end - 1) return std::nullopt;
  octets.erase(0, end + 1);
  return type;
}

}  // namespace

ObjectStore ObjectStore::open(const fs::path& objects, IdFormat format, fs::path repository) {
  ObjectStore store;
  store.format_ = format;
  store.repository_ = std::move(repository);
  store.add(objects, 0);
  return store;
}

void ObjectStore::add(const fs::path& objects, int depth) {
  if (std::find(folders_.begin(), folders_.end(), objects) != folders_.end() ||
      folders_.size() == kMaxFolders)
    return;
  folders_.push_back(objects);
  std::error_code error;
  for (fs::directory_iterator entry(objects / "pack", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".idx" || packs_.size() == kMaxPacks) continue;
    if (auto pack = Pack::open(entry->path(), format_)) packs_.push_back(std::move(*pack));
  }
  if (depth == kMaxAlternateDepth) return;
  const auto alternates = read_file(objects / "info" / "alternates", kMaxAlternatesBytes);
  if (!alternates) return;
  for (const std::string_view line : lines(*alternates)) {
    if (line.empty() || line.front() == '#' || line.front() == '"') continue;
    add((objects / fs::path(line)).lexically_normal(), depth + 1);
  }
}

// `git cat-file --batch`, started when it is first asked.
class ObjectReader::Git {
 public:
  explicit Git(const ObjectStore& store) : store_(store) {}

  Status read(const ObjectId& id, Object& out) {
    if (!process_) {
      SIGNALBOX_TRY(Process process, start_git(store_.repository_, {"cat-file", "--batch"}));
      process_.emplace(std::move(process));
    }
    const std::string hex = to_hex(id, store_.format());
    SIGNALBOX_CHECK(process_->write(hex + "\n"));
    SIGNALBOX_TRY(const std::string line, take_line());
    const std::vector<std::string_view> words = split(line, ' ');
    const auto type = words.size() == 3 ? parse_object_type(words[1]) : std::nullopt;
    const auto size = words.size() == 3 ? parse_integer(words[2]) : std::nullopt;
    if (!type || !size || *size < 0) {
      return fail(ErrorKind::unavailable, fmt::format("the object {} is not in the repository", hex),
                  "git fsck tells what the repository lacks; a full clone has it all");
    }
    if (static_cast<std::size_t>(*size) > kMaxObjectBytes)
      return fail(ErrorKind::bad_input, fmt::format("the object {} has more than 64 MiB", hex));
    const auto bytes = static_cast<std::size_t>(*size) + 1;  // and a line break
    while (pending_.size() < bytes) SIGNALBOX_CHECK(more());
    out.type = *type;
    out.octets.assign(pending_, 0, bytes - 1);
    pending_.erase(0, bytes);
    return {};
  }

 private:
  Status more() {
    SIGNALBOX_TRY(const std::string piece, process_->read());
    if (!piece.empty()) {
      pending_ += piece;
      return {};
    }
    SIGNALBOX_TRY(const ProcessResult result, process_->wait());
    process_.reset();
    pending_.clear();
    return fail(error_of_git("git cat-file", result));
  }

  Result<std::string> take_line() {
    std::size_t end = 0;
    while ((end = pending_.find('\n')) == std::string::npos) SIGNALBOX_CHECK(more());
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    return line;
  }

  const ObjectStore& store_;
  std::optional<Process> process_;
  std::string pending_;
};

ObjectReader::ObjectReader(const ObjectStore& store) : store_(store), git_(std::make_unique<Git>(store)) {}
ObjectReader::~ObjectReader() = default;

std::optional<ObjectReader::Place> ObjectReader::find(const ObjectId& id) {
  const std::size_t count = store_.packs_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = (recent_ + i) % count;
    const Pack& pack = store_.packs_[number];
    if (const auto at = pack.find(id)) {
      recent_ = number;
      return Place{&pack, *at};
    }
  }
  return std::nullopt;
}

bool ObjectReader::read_loose(const ObjectId& id, Object& out) {
  const std::string hex = to_hex(id, store_.format());
  for (const fs::path& folder : store_.folders_) {
    const auto octets = read_file(folder / hex.substr(0, 2) / hex.substr(2), kMaxObjectBytes);
    if (!octets || !room_.inflater.inflate_all(*octets, kMaxObjectBytes + kMaxHeaderBytes, out.octets))
      continue;
    if (const auto type = take_header(out.octets)) {
      out.type = *type;
      return true;
    }
  }
  return false;
}

Status ObjectReader::read(const ObjectId& id, Object& out) {
  if (const auto place = find(id); place && place->pack->read(place->at, room_, out)) return {};
  if (read_loose(id, out)) return {};
  return git_->read(id, out);
}

Result<ObjectType> ObjectReader::type(const ObjectId& id) {
  if (const auto place = find(id)) {
    if (auto type = place->pack->type(place->at)) return type;
  }
  Object object;
  SIGNALBOX_CHECK(read(id, object));
  return object.type;
}

}  // namespace signalbox::git
