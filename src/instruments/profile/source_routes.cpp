// The source of a function of a kept profile, with what each line costs.
#include <memory>
#include <mutex>

#include "core/http/query.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/kept_desk.hpp"
#include "instruments/profile/source_listing.hpp"

namespace signalbox::profile {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

// Where sources are looked for. git is asked about the workspace at the first question, not when the server
// starts, and again at the next ones as long as it knows no repository there.
class Sources {
 public:
  std::shared_ptr<const SourceFinder> finder(const Workspace& workspace) {
    const std::lock_guard lock(mutex_);
    if (!finder_ || !finder_->knows_a_repository())
      finder_ = std::make_shared<const SourceFinder>(workspace.root, workspace.state);
    return finder_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const SourceFinder> finder_;
};

Result<Response> source(KeptDesk& desk, Sources& sources, const Request& request) {
  SourceQuery query;
  query.function = query_text(request, "function").value_or("");
  query.file = query_text(request, "file").value_or("");
  if (query.function.empty()) return fail(ErrorKind::bad_input, "function: which one?");
  SIGNALBOX_TRY(query.context, query_count(request, "context", kContextLines, kMaxShownLines));
  SIGNALBOX_TRY(const KeptDesk::Opened opened, desk.open(request.parameters.at("id")));
  SIGNALBOX_TRY(query.value, value_column(*opened.profile, query_text(request, "value")));
  query.commit = opened.kept.commit;
  SIGNALBOX_TRY(const SourceListing listing,
                list_source(*opened.profile, query, *sources.finder(desk.services().workspace)));
  return Response::json(to_json(listing));
}

}  // namespace

std::vector<http::Route> source_routes(const std::shared_ptr<KeptDesk>& desk) {
  const auto sources = std::make_shared<Sources>();
  std::vector<http::Route> out;
  out.push_back(get_route(
      "/profiles/{id}/source", "The source of a function with what each line costs",
      {id_parameter(), query_parameter("function", "its name, as the table of functions has it"),
       query_parameter("file",
                       "as the profile names it, where the function lies in several; default: the costliest"),
       query_parameter("value", "cpu, samples …"),
       query_parameter("context", "lines around those that cost: 10, at most 20,000", "integer")},
      [desk, sources](const Request& request) { return source(*desk, *sources, request); }));
  out.back().response_schema = "profile-source-v1";
  out.back().role = http::Role::operator_;  // sources are not for everybody who may see profiles
  return out;
}

}  // namespace signalbox::profile
