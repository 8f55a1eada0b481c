#include "instruments/train/all_notes.hpp"

#include <future>

#include <fmt/core.h>

#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/series_notes.hpp"

namespace signalbox::train {
namespace {

// What one release comes to in the answer.
struct Told {
  std::string text;  // or
  Json json;
  std::uint64_t commits = 0;
};

Told told_of(const ReleaseNotes& notes, const std::string& format) {
  Told out;
  out.commits = notes.manifest.aboard() + notes.manifest.excluded.size();
  if (format == "json") {
    out.json = to_json(notes);
  } else {
    append_notes(notes, form_of(format), out.text);
  }
  return out;
}

std::uint64_t commits_of(const std::vector<Told>& all) {
  std::uint64_t out = 0;
  for (const Told& one : all) out += one.commits;
  return out;
}

Json json_of(std::vector<Told> all) {
  Json list = Json::array();
  for (Told& told : all) list.push_back(std::move(told.json));
  return list;
}

std::string text_of(const std::vector<Told>& all) {
  std::size_t size = 0;
  for (const Told& told : all) size += told.text.size() + 1;
  std::string out;
  out.reserve(size);
  for (const Told& told : all) {
    if (!out.empty()) out += '\n';
    out += told.text;
  }
  return out;
}

std::string joined(std::vector<Told> all, const std::string& format) {
  if (format != "json") return text_of(all);
  return Json::object({{"releases", json_of(std::move(all))}}).pretty() + "\n";
}

// Where the history is read from, looked at before anything is read.
struct Source {
  git::Repository repository;
  Settings settings;
  std::string head;
};
Result<Source> open_source(const cli::Arguments& arguments, const cli::Context& context) {
  SIGNALBOX_TRY(git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(Settings settings, read_settings(context.workspace));
  SIGNALBOX_TRY(std::string head, repository.resolve(arguments.get_or("--head", "HEAD")));
  if (repository.is_shallow() && shallow_of(arguments) == HistoryQuery::Shallow::refuse) {
    return fail(ErrorKind::unavailable, "this clone is shallow: it lacks most of its history",
                "git fetch --unshallow --tags, or --allow-shallow to tell of what is here");
  }
  return Source{std::move(repository), std::move(settings), std::move(head)};
}

std::vector<std::string> names_of_packages(const Settings& settings) {
  std::vector<std::string> out;
  for (const auto& [name, globs] : settings.packages) out.push_back(name);
  return out;
}

WholeHistoryQuery history_query(cli::Context& context) {
  WholeHistoryQuery query;
  query.cache = history_cache(context.workspace);
  query.on_commits_read = [&context](std::uint64_t read) { context.progress.update(read, 0, "commits"); };
  return query;
}

// A package with its releases, and what its notes come to.
struct TrainPackage {
  Series series;
  PackageScope scope;
  std::vector<Told> told;
  std::uint64_t commits = 0;  // that HEAD and its releases hold
};

std::vector<std::uint32_t> tips_of(const TrainPackage& package, const WholeHistory& history,
                                   const std::string& head) {
  std::vector<std::uint32_t> out;
  const auto add = [&](const std::string& id) {
    if (const auto number = history.find(id)) out.push_back(*number);
  };
  add(head);
  for (const Release& release : package.series.releases) add(release.commit);
  return out;
}

// As if it had been read alone: what only the releases of others hold is none of its commits.
void tell(TrainPackage& package, const WholeHistory& history, const Source& source,
          const std::string& format) {
  const std::vector<std::uint32_t> order =
      topological_order(history.commits(), tips_of(package, history, source.head));
  package.commits = order.size();
  const SeriesNotes notes(history, order, package.series.releases, source.settings, package.scope);
  for (std::size_t i = 0; i < notes.size(); ++i) package.told.push_back(told_of(notes.at(i), format));
}

std::string joined(std::vector<TrainPackage> packages, const std::string& format) {
  if (format == "json") {
    Json list = Json::array();
    for (TrainPackage& package : packages)
      list.push_back(Json::object(
          {{"package", package.series.package}, {"releases", json_of(std::move(package.told))}}));
    return Json::object({{"packages", std::move(list)}}).pretty() + "\n";
  }
  std::string out;
  for (const TrainPackage& package : packages) {
    out += out.empty() ? "# " : "\n# ";
    append_inline(printable(package.series.package), out);
    out += "\n\n" + text_of(package.told);
  }
  return out;
}

Result<std::vector<TrainPackage>> read_packages(const cli::Arguments& arguments, const Source& source,
                                                WholeHistoryQuery& query) {
  SIGNALBOX_TRY(
      std::vector<Series> series,
      read_series_of_each(source.repository, names_of_packages(source.settings), shallow_of(arguments)));
  query.tips = {source.head};
  std::vector<TrainPackage> out;
  for (Series& one : series) {
    for (const Release& release : one.releases) query.tips.push_back(release.commit);
    out.push_back({std::move(one), {}, {}, 0});
  }
  return out;
}

}  // namespace

NotesForm form_of(std::string_view format) {
  if (format == "keepachangelog") return NotesForm::keep_a_changelog;
  if (format == "github") return NotesForm::github;
  return NotesForm::plain;
}

HistoryQuery::Shallow shallow_of(const cli::Arguments& arguments) {
  return arguments.has("--allow-shallow") ? HistoryQuery::Shallow::allow : HistoryQuery::Shallow::refuse;
}

Result<cli::Outcome> notes_of_all_releases(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Source source, open_source(arguments, context));
  const git::Repository& repository = source.repository;
  WholeHistoryQuery query = history_query(context);
  auto known = std::async(std::launch::async, [&] { return open_history_cache(repository, query.cache); });
  const auto package = arguments.get("--package");
  SIGNALBOX_TRY(const Series series,
                read_series(repository, package ? package : source.settings.package, source.head,
                            shallow_of(arguments), names_of_packages(source.settings)));
  query.tips = {source.head};
  for (const Release& release : series.releases) query.tips.push_back(release.commit);
  SIGNALBOX_TRY(WholeHistory history, WholeHistory::read(repository, query, known.get()));
  SIGNALBOX_TRY(PackageScope scope, read_scope(repository, query.tips, source.settings, series.package));
  const SeriesNotes notes(history, series.releases, source.settings, std::move(scope));
  const std::string format = arguments.get_or("--format", "md");
  std::vector<Told> all(notes.size());
  for_each_in_parallel(all.size(), [&](std::size_t i) { all[i] = told_of(notes.at(i), format); });
  const std::uint64_t told = commits_of(all);
  SIGNALBOX_TRY(const std::uint64_t total, history.total());
  context.say(fmt::format("{} {} {} in the notes and exclusions of {}", counted(total, "commit"),
                          total == told ? "=" : "≠", told, counted(series.releases.size(), "release")));
  if (total != told) context.say("error: commits are lost");
  return cli::Outcome(
      cli::Artifact{joined(std::move(all), format), total == told ? Verdict::none : Verdict::fail});
}

Result<cli::Outcome> notes_of_all_packages(const cli::Arguments& arguments, cli::Context& context) {
  if (arguments.has("--package"))
    return fail(ErrorKind::bad_input, "--packages are all of them: leave out --package");
  SIGNALBOX_TRY(const Source source, open_source(arguments, context));
  if (source.settings.packages.empty())
    return fail(ErrorKind::bad_input, "section train declares no packages",
                "packages: {core: packages/core}");
  WholeHistoryQuery query = history_query(context);
  SIGNALBOX_TRY(std::vector<TrainPackage> packages, read_packages(arguments, source, query));
  // Git tells of the paths while the commits are read here.
  auto scopes = std::async(std::launch::async,
                           [&] { return read_scopes(source.repository, query.tips, source.settings); });
  auto history =
      WholeHistory::read(source.repository, query, open_history_cache(source.repository, query.cache));
  auto scope_of = scopes.get();
  if (!history) return fail(std::move(history).error());
  if (!scope_of) return fail(std::move(scope_of).error());
  for (TrainPackage& package : packages) package.scope = std::move(scope_of->at(package.series.package));
  const std::string format = arguments.get_or("--format", "md");
  for_each_in_parallel(packages.size(), [&](std::size_t i) { tell(packages[i], *history, source, format); });
  SIGNALBOX_TRY(const std::uint64_t total, history->total());
  const std::uint64_t read = history->order().size();
  std::size_t releases = 0;
  std::vector<std::string> lossy;
  for (const TrainPackage& package : packages) {
    releases += package.series.releases.size();
    if (commits_of(package.told) != package.commits) lossy.push_back(package.series.package);
  }
  const bool is_whole = total == read && lossy.empty();
  context.say(fmt::format("{} {} {} read; {} of {}, each with all of its commits in notes or exclusions",
                          counted(total, "commit"), total == read ? "=" : "≠", read,
                          counted(releases, "release"), counted(packages.size(), "package")));
  if (!is_whole)
    context.say(fmt::format("error: commits are lost{}{}", lossy.empty() ? "" : " of ", join(lossy, ", ")));
  return cli::Outcome(
      cli::Artifact{joined(std::move(packages), format), is_whole ? Verdict::none : Verdict::fail});
}

}  // namespace signalbox::train
