// What the routes of profiles share: the store of the calling thread, profiles that were read, parts of a
// route.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/console/instrument.hpp"
#include "instruments/profile/kept/profile_shelf.hpp"
#include "instruments/profile/kept/profile_store.hpp"

namespace signalbox::profile {

class KeptDesk {
 public:
  explicit KeptDesk(std::shared_ptr<const Services> services)
      : services_(std::move(services)),
        readers_(std::make_shared<ProfileReaders>()),
        shelf_(readers_),
        blobs_(blobs_of(services_->workspace, services_->store)) {}

  // Runs `work` with the store of the calling thread.
  template <class Work>
  auto with_store(Work work) const -> decltype(work(std::declval<ProfileStore&>())) {
    SIGNALBOX_TRY(store::Database* const database, services_->database());
    ProfileStore store(*database, blobs_);
    auto out = work(store);
    log(store.notes());
    return out;
  }
  struct Opened {
    KeptProfile kept;
    std::shared_ptr<const Profile> profile;
  };
  Result<Opened> open(const std::string& id);
  ProfileReaders& readers() { return *readers_; }
  const Services& services() const { return *services_; }

 private:
  static void log(const std::vector<std::string>& notes);

  std::shared_ptr<const Services> services_;
  std::shared_ptr<ProfileReaders> readers_;
  ProfileShelf shelf_;
  std::filesystem::path blobs_;
};

inline constexpr std::string_view kProfileApi = "/api/v1/profile";

// A whole number from 1 to `most`; `usual` where it is not there.
Result<std::size_t> query_count(const http::Request& request, std::string_view name, std::size_t usual,
                                std::size_t most);
// One of these words, which last as long as the program; the first where it is not there. bad_input names
// all of them.
Result<std::string_view> query_word(const http::Request& request, std::string_view name,
                                    std::initializer_list<std::string_view> words);
http::Parameter id_parameter();
// An RFC 3339 time; nullopt where it is not there.
Result<std::optional<Time>> query_time(const http::Request& request, std::string_view name);
// Which kept profiles are asked for: service, since, until, before, limit; and how these are told of, with
// the words for `limit`.
Result<KeptQuery> kept_query(const http::Request& request, std::size_t usual, std::size_t most);
std::vector<http::Parameter> kept_parameters(std::string limits);
// A route of GET that viewers may ask.
http::Route get_route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                      http::Handler handle);

// Each a part of `routes`.
std::vector<http::Route> kept_routes(const std::shared_ptr<KeptDesk>& desk);
std::vector<http::Route> picture_routes(const std::shared_ptr<KeptDesk>& desk);
std::vector<http::Route> trend_routes(const std::shared_ptr<KeptDesk>& desk);
std::vector<http::Route> source_routes(const std::shared_ptr<KeptDesk>& desk);
std::vector<http::Route> ingest_routes(const std::shared_ptr<KeptDesk>& desk);

}  // namespace signalbox::profile
