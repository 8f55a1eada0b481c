// Profiles that stay: a table that is searched, and the octets of each by their digest. Of SQLite these are
// files in a folder of blobs/ beside it; of PostgreSQL, which several machines share, a table of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"
#include "core/store/database.hpp"
#include "instruments/profile/kept/kept_profile.hpp"

namespace signalbox::profile {

std::vector<store::Migration> kept_migrations();

// Where the octets of profiles lie, of a store as --store gives it; empty: the workspace's own.
std::filesystem::path blobs_of(const Workspace& workspace, std::string_view store);

// The store as --store gives it, its tables made; of a server: bad_input.
Result<std::unique_ptr<store::Database>> open_kept_store(const Workspace& workspace,
                                                         const std::string& store);

// Which profiles are asked for; the newest come first.
struct KeptQuery {
  std::string service;  // empty: any
  std::string commit;   // its first digits; empty: any
  std::optional<Time> since;
  std::optional<Time> until;
  std::string before;  // id of a profile: those that come after it in this order; empty: from the first on
  std::size_t limit = 50;
};

// How much is kept. What was kept first goes where there is more.
struct KeptLimits {
  std::int64_t bytes_max = std::int64_t{2} << 30;
  std::int64_t profiles_max = 100'000;
};

// Neither the database nor its tables are its own: they were migrated before. One thread at a time.
class ProfileStore {
 public:
  ProfileStore(store::Database& database, std::filesystem::path blobs, KeptLimits limits = {});

  struct Added {
    KeptProfile profile;  // as it is kept: where it was there, what was said of it first
    bool was_there = false;
    std::int64_t gone = 0;  // that had to go for it
  };
  // Durable when it returns. bad_input where it is larger than all that is kept may be.
  Result<Added> add(const KeptProfile& profile, std::string_view octets);
  // not_found where `before` is none.
  Result<std::vector<KeptProfile>> list(const KeptQuery& query);
  Result<KeptProfile> find(std::string_view id);  // not_found, bad_input for what is no id
  // The one whose id begins so: not_found, bad_input where several do.
  Result<KeptProfile> find_beginning(std::string_view digits);
  Result<std::string> octets(const KeptProfile& profile);  // internal where they are not those of its id
  Status remove(std::string_view id);

  struct Totals {
    std::int64_t profiles = 0;
    std::int64_t bytes = 0;
    std::int64_t newest_ms = 0;  // when the newest was kept, Unix
  };
  Result<Totals> totals();
  Result<std::vector<std::string>> services();  // by name, the first 500

  // Files that should have gone and are still there, of this object's life: a line each. What was kept or
  // removed is so all the same.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  Status put_octets(const KeptProfile& profile, std::string_view octets);
  Status forget(const std::string& id);
  void tidy(std::vector<std::string> gone);
  Status remove_files(const std::vector<std::string>& ids);
  Result<std::vector<std::string>> make_room(const std::string& fresh);

  store::Database& database_;
  std::filesystem::path folder_;
  store::BlobStore blobs_;
  KeptLimits limits_;
  std::vector<std::string> notes_;
};

}  // namespace signalbox::profile
