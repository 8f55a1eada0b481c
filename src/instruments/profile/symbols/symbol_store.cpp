#include "instruments/profile/symbols/symbol_store.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/config/workspace.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr SymbolKind kKinds[] = {SymbolKind::executable, SymbolKind::debuginfo};

// A second name of a file that is there already, in place of what has that name.
Status give_name(const fs::path& file, const fs::path& name) {
  fs::path beside = name;
  beside += ".new" + std::to_string(::getpid());
  ::unlink(beside.c_str());
  if (::link(file.c_str(), beside.c_str()) != 0 || ::rename(beside.c_str(), name.c_str()) != 0)
    return fail(error_from_errno(errno, name.string()));
  ::unlink(beside.c_str());  // where both names were one file already, rename left it
  const FileDescriptor folder{::open(name.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0)
    return fail(error_from_errno(errno, name.parent_path().string()));
  return {};
}

}  // namespace

SymbolStore SymbolStore::of_this_user() {
  return SymbolStore(keys_directory().parent_path() / "symbols");
}

fs::path SymbolStore::path_of(std::string_view build_id, SymbolKind kind) const {
  std::string name(build_id.substr(2));
  if (kind == SymbolKind::debuginfo) name += ".debug";
  return root_ / ".build-id" / build_id.substr(0, 2) / name;
}

std::optional<fs::path> SymbolStore::find(std::string_view build_id, SymbolKind kind) const {
  if (!is_build_id(build_id)) return std::nullopt;
  fs::path path = path_of(build_id, kind);
  const auto elf = ElfFile::open(path);
  if (!elf || elf->build_id() != build_id || !contents_of(*elf).serves_as(kind)) return std::nullopt;
  return path;
}

Result<KeptSymbols> SymbolStore::add(const fs::path& file) const {
  SIGNALBOX_TRY(const ElfFile elf, ElfFile::open(file));
  if (!is_build_id(elf.build_id()))
    return fail(ErrorKind::bad_input, file.string() + ": has no build id, so nothing could ask for it",
                "link it with -Wl,--build-id");
  const SymbolContents contents = contents_of(elf);
  KeptSymbols out{elf.build_id(), {}, elf.octets().size(), true};
  for (const SymbolKind kind : kKinds)
    if (contents.serves_as(kind)) out.kinds.push_back(kind);
  if (out.kinds.empty())
    return fail(ErrorKind::bad_input, file.string() + ": has neither machine code nor names in it");
  for (const SymbolKind kind : out.kinds) {
    if (const auto there = find(out.build_id, kind)) {
      const auto kept = ElfFile::open(*there);
      if (kept && kept->octets() == elf.octets()) continue;
      // What has lines is not given away for names alone.
      const bool is_better =
          kept && kind == SymbolKind::debuginfo && contents_of(*kept).debug_info && !contents.debug_info;
      if (is_better) continue;
    }
    out.was_there = false;
    const fs::path path = path_of(out.build_id, kind);
    if (kind == out.kinds.front()) {
      SIGNALBOX_CHECK(write_file_atomically(path, elf.octets()));
    } else {
      SIGNALBOX_CHECK(give_name(path_of(out.build_id, out.kinds.front()), path));
    }
  }
  return out;
}

}  // namespace signalbox::profile
