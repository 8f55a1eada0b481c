#include "instruments/profile/analysis/function_identity.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace signalbox::profile {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

// The number of characters of `text` before its trailing digits.
std::size_t without_digits(std::string_view text) {
  std::size_t size = text.size();
  while (size > 0 && is_digit(text[size - 1])) --size;
  return size;
}

// Endings that GCC, its link-time optimiser and LLVM give to parts and copies of a function.
constexpr std::array<std::string_view, 6> kNumberedClones = {".constprop.", ".isra.", ".part.",
                                                             ".lto_priv.",  ".llvm.", ".cold."};

// "f.isra.0.cold" → "f": where the last ending of a clone begins; the size of `name` where it has none.
std::size_t clone_ending(std::string_view name) {
  constexpr std::string_view kCold = ".cold";
  if (name.ends_with(kCold)) return name.size() - kCold.size();
  const std::size_t stem = without_digits(name);
  if (stem == name.size()) return stem;
  for (const std::string_view ending : kNumberedClones) {
    if (name.substr(0, stem).ends_with(ending)) return stem - ending.size();
  }
  return name.size();
}

// The same where a demangler wrote it: "f(int) [clone .isra.0]".
std::size_t clone_note(std::string_view name) {
  constexpr std::string_view kNote = " [clone ";
  if (!name.ends_with(']')) return name.size();
  const std::size_t at = name.rfind(kNote);
  return at == std::string_view::npos ? name.size() : at;
}

// "core::fmt::write::h0123456789abcdef" → where "::h" begins.
std::size_t rust_hash(std::string_view name) {
  constexpr std::size_t kDigits = 16;
  constexpr std::string_view kMark = "::h";
  if (name.size() <= kDigits + kMark.size()) return name.size();
  const std::size_t at = name.size() - kDigits - kMark.size();
  if (name.substr(at, kMark.size()) != kMark) return name.size();
  const std::string_view digits = name.substr(at + kMark.size());
  return std::all_of(digits.begin(), digits.end(), is_hex) ? at : name.size();
}

// Disambiguators of Rust's v0 names: "core[846817f741e54dfd]::fmt" → "core::fmt". No array has such a bound.
std::string without_disambiguators(std::string_view name) {
  constexpr std::size_t kFewestDigits = 13;
  constexpr std::size_t kMostDigits = 16;
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '[' && i > 0) {
      std::size_t end = i + 1;
      while (end < name.size() && is_hex(name[end])) ++end;
      const std::size_t digits = end - i - 1;
      if (digits >= kFewestDigits && digits <= kMostDigits && end < name.size() && name[end] == ']') {
        i = end;
        continue;
      }
    }
    out += name[i];
  }
  return out;
}

constexpr std::string_view kDeleted = " (deleted)";  // how Linux shows a file that was replaced

}  // namespace

std::string stable_name(std::string_view name, Naming naming) {
  if (naming == Naming::managed) return std::string(name);
  std::string out = without_disambiguators(name);
  for (;;) {
    const std::size_t size = std::min({clone_ending(out), clone_note(out), rust_hash(out)});
    if (size == out.size()) return out;
    if (size == 0) return std::string(name);  // nothing but an ending: that is its name
    out.resize(size);
  }
}

bool names_modules(const Profile& profile) {
  return std::any_of(profile.frames.begin(), profile.frames.end(),
                     [&](const Frame& frame) { return !profile.module_of(frame).empty(); });
}

IdentityTable::IdentityTable(Modules modules) : modules_(modules) {
  number_of({"[unknown]", "", true});
}

std::optional<IdentityId> IdentityTable::named(std::string_view name) const {
  const std::string stable = stable_name(name, Naming::native);
  std::optional<IdentityId> out;
  for (IdentityId id = 0; id < size(); ++id) {
    if (identities_[id]->name == name) return id;
    if (identities_[id]->name == stable) out = id;
  }
  return out;
}

IdentityId IdentityTable::number_of(FunctionIdentity identity) {
  const auto [found, is_new] =
      numbers_.try_emplace(std::move(identity), static_cast<IdentityId>(identities_.size()));
  if (is_new) identities_.push_back(&found->first);
  return found->second;
}

FunctionIdentity IdentityTable::identity_of(const Profile& profile, const Frame& frame) const {
  const Function& function = profile.functions[frame.function];
  std::string_view module = profile.module_of(frame);
  if (module.ends_with(kDeleted)) module.remove_suffix(kDeleted.size());
  const std::string_view name = profile.text(function.name);
  if (name.empty()) {
    if (module.empty()) return {"[unknown]", "", true};
    // The kernel's and the vdso's are in brackets already.
    return {module.front() == '[' ? std::string(module) : fmt::format("[{}]", module),
            modules_ == Modules::ignored ? std::string() : std::string(module), false};
  }
  if (frame.kind == FrameKind::synthetic) return {std::string(name), "", true};
  const bool is_managed = frame.kind == FrameKind::interpreted || frame.kind == FrameKind::jit ||
                          profile.text(function.file).ends_with(".go");
  return {stable_name(name, is_managed ? Naming::managed : Naming::native),
          modules_ == Modules::ignored ? std::string() : std::string(module), false};
}

std::vector<IdentityId> IdentityTable::add(const Profile& profile) {
  // Frames of one function differ in address and line alone.
  std::unordered_map<std::uint64_t, IdentityId> known;
  constexpr int kKindBits = 3;
  static_assert(static_cast<int>(FrameKind::synthetic) < 1 << kKindBits);
  std::vector<IdentityId> out;
  out.reserve(profile.frames.size());
  for (const Frame& frame : profile.frames) {
    const std::uint64_t key = ((std::uint64_t{frame.function} << 32 | frame.mapping) << kKindBits) ^
                              static_cast<std::uint64_t>(frame.kind);
    const auto [found, is_new] = known.try_emplace(key, kUnknownFunction);
    if (is_new) found->second = number_of(identity_of(profile, frame));
    out.push_back(found->second);
  }
  return out;
}

}  // namespace signalbox::profile
