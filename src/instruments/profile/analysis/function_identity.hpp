// What makes a function the same one in two builds, and in two profiles.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Where a name comes from says what its endings mean: "main.cold" is a function of Go's, "sort.cold" a part
// of what GCC made of sort.
enum class Naming { native, managed };

// The name without what differs between two builds of the same source: the endings of clones (".cold",
// ".constprop.0", ".isra.0", ".part.1", ".lto_priv.2", ".llvm.123", also as "[clone .isra.0]") and Rust's
// hashes
// ("::h0123456789abcdef", "core[846817f741e54dfd]").
std::string stable_name(std::string_view name, Naming naming);

// A function as builds have in common. Code of a file without names is one function, "[libz.so.1]".
struct FunctionIdentity {
  std::string name;
  std::string module;         // last part of its file's path; empty: unknown, or not told apart
  bool is_synthetic = false;  // said by the profiler: "[lost]"; never tested, always counted
  auto operator<=>(const FunctionIdentity&) const = default;
};

// Number of an identity in an IdentityTable; 0 is "[unknown]", also what a sample without a stack is counted
// for.
using IdentityId = std::uint32_t;
inline constexpr IdentityId kUnknownFunction = 0;

// Whether functions of one name in two files are two. Ignored where one of the profiles names no files.
enum class Modules { told_apart, ignored };
bool names_modules(const Profile& profile);

// The identities of several profiles in one numbering.
class IdentityTable {
 public:
  explicit IdentityTable(Modules modules);
  IdentityTable(IdentityTable&&) = default;
  IdentityTable& operator=(IdentityTable&&) = default;
  IdentityTable(const IdentityTable&) = delete;
  IdentityTable& operator=(const IdentityTable&) = delete;

  // The number for each frame of the profile, by FrameId.
  std::vector<IdentityId> add(const Profile& profile);
  const FunctionIdentity& operator[](IdentityId id) const { return *identities_[id]; }
  // The one of that name; else the one that the name of a clone of it ("parse.cold") stands for. nullopt:
  // there is none.
  std::optional<IdentityId> named(std::string_view name) const;
  std::size_t size() const { return identities_.size(); }

 private:
  IdentityId number_of(FunctionIdentity identity);
  FunctionIdentity identity_of(const Profile& profile, const Frame& frame) const;

  Modules modules_;
  std::map<FunctionIdentity, IdentityId> numbers_;
  std::vector<const FunctionIdentity*> identities_;  // keys of numbers_, which stay where they are
};

}  // namespace signalbox::profile
