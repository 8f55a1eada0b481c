#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/all_notes.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/labels/draft.hpp"
#include "instruments/train/labels/labelled_notes.hpp"
#include "instruments/train/labels/labels_reader.hpp"
#include "instruments/train/notes_template.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train {
namespace {

// A release to be told of, with the commits that its manifest was made of.
struct Chosen {
  ReleaseNotes notes;
  std::vector<git::Commit> commits;
  std::string head;  // what would be tagged, or is
  std::optional<LabelledNotes> labelled = std::nullopt;
  std::optional<std::string> filled = std::nullopt;  // a template

  std::string body(NotesForm form) const {
    if (filled) return *filled;
    return labelled ? write_labelled(*labelled, form) : write_notes(notes, form);
  }
  Json json() const { return labelled ? to_json(*labelled) : to_json(notes); }
  bool is_complete() const { return notes.manifest.is_complete() && (!labelled || labelled->is_complete()); }
  std::string proof() const { return labelled ? labelled->proof() : notes.manifest.proof(); }
};

Result<Chosen> waiting(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Plan plan, read_plan(arguments, context));
  ReleaseNotes notes = notes_of(plan);
  return Chosen{std::move(notes), std::move(plan.history.commits), plan.history.head};
}

std::int64_t time_of(const std::vector<git::Commit>& commits, const std::string& id) {
  for (const git::Commit& commit : commits) {
    if (commit.id == id) return commit.committer_time_s;
  }
  return commits.empty() ? 0 : commits.front().committer_time_s;
}

// The release that TAG names: what it holds and no lower version does.
Result<Chosen> of_tag(const git::Repository& repository, const Release& wanted, const Settings& settings,
                      HistoryQuery::Shallow shallow) {
  SIGNALBOX_TRY(const Series series, read_series(repository, wanted.package, wanted.commit, shallow));
  std::vector<std::string> range = {wanted.commit};
  std::string previous;
  for (const Release& release : series.releases) {
    if (release.tag == wanted.tag) break;
    range.push_back("^" + release.commit);
    previous = release.tag;
  }
  SIGNALBOX_TRY(Commits read, read_commits(repository, range));
  SIGNALBOX_TRY(const PackageScope scope, read_scope(repository, range, settings, wanted.package));
  ReleaseNotes notes{wanted.version.text(), wanted.tag, previous, time_of(read.commits, wanted.commit),
                     make_manifest(read.commits, read.total, settings, scope)};
  return Chosen{std::move(notes), std::move(read.commits), wanted.commit};
}

Result<Chosen> named(const std::string& name, const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(const Settings settings, read_settings(context.workspace));
  SIGNALBOX_TRY(const std::vector<git::Tag> tags, repository.tags());
  for (const git::Tag& tag : tags) {
    const auto release = parse_release_tag(tag.name, tag.commit);
    if (release && tag.name == name && !tag.commit.empty())
      return of_tag(repository, *release, settings, shallow_of(arguments));
  }
  if (name.find("..") == std::string::npos) {
    SIGNALBOX_CHECK(repository.resolve(name));
    return fail(ErrorKind::bad_input, fmt::format("{} is no release", printable(name)),
                fmt::format("a range tells what of: v1.2.0..{}", printable(name)));
  }
  SIGNALBOX_TRY(Commits read, read_commits(repository, {name}, shown_as_progress(context)));
  const auto package = arguments.get("--package");
  SIGNALBOX_TRY(const PackageScope scope,
                read_scope(repository, {name}, settings, package ? *package : settings.package.value_or("")));
  ReleaseNotes notes{name, "", "", time_of(read.commits, ""),
                     make_manifest(read.commits, read.total, settings, scope)};
  const std::string head = read.commits.empty() ? std::string() : read.commits.front().id;
  return Chosen{std::move(notes), std::move(read.commits), head};
}

Result<cli::Outcome> prepend(const std::string& file, const Chosen& chosen, NotesForm form) {
  if (!chosen.is_complete()) return fail(ErrorKind::internal, chosen.proof());
  const std::string text = chosen.body(form);
  auto old = read_file(file);
  if (!old && old.error().kind != ErrorKind::not_found) return fail(std::move(old).error());
  const std::string changelog = old ? *old : std::string("# Changelog\n");
  auto changed = prepend_notes(changelog, chosen.notes.version, text);
  if (!changed && changed.error().kind == ErrorKind::bad_input) {
    const std::string patch = file + ".patch";
    SIGNALBOX_CHECK(write_file_atomically(
        patch, notes_patch(changelog, std::filesystem::path(file).filename().string(), text)));
    return fail(ErrorKind::bad_input, fmt::format("{}:{}", file, changed.error().message),
                fmt::format("{}; the notes are in {}", changed.error().hint, patch));
  }
  if (!changed) return fail_in(file, std::move(changed).error());
  SIGNALBOX_CHECK(write_file_atomically(file, *changed));
  return cli::Outcome(cli::Artifact{fmt::format("{}: {}, {}\n", file, chosen.notes.version,
                                                counted(chosen.notes.manifest.aboard(), "passenger")),
                                    Verdict::none});
}

// Notes by label, where the user has an export of the forge's requests.
Status add_labels(Chosen& chosen, const std::string& file, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(context.workspace));
  SIGNALBOX_TRY(const PullRequests requests, read_pull_requests(file));
  SIGNALBOX_TRY(const NotesRules rules, read_release_yml(repository, chosen.head));
  chosen.labelled = label_notes(chosen.notes, chosen.commits, requests, rules);
  const std::vector<std::uint64_t>& unknown = chosen.labelled->unknown;
  if (!unknown.empty())
    context.say(fmt::format("note: the labels of {} are not known: {} does not have {}",
                            counted(unknown.size(), "pull request"), file,
                            unknown.size() == 1 ? fmt::format("#{}", unknown.front()) : "them"));
  return {};
}

Result<std::string> octets_of(const Chosen& chosen, const std::string& format) {
  if (format == "json") {
    Json list = Json::array();
    list.push_back(chosen.json());
    return Json::object({{"releases", std::move(list)}}).pretty() + "\n";
  }
  const auto draft = draft_form_of(format);
  if (!draft) return chosen.body(form_of(format));
  const NotesForm form = *draft == DraftForm::github ? NotesForm::github : NotesForm::plain;
  return write_draft({chosen.notes.tag, chosen.head, chosen.body(form)}, *draft);
}

Result<cli::Outcome> run_one(Chosen chosen, const cli::Arguments& arguments, cli::Context& context) {
  const std::string format = arguments.get_or("--format", "md");
  if (const auto file = arguments.get("--pull-requests")) {
    if (format == "keepachangelog")
      return fail(ErrorKind::bad_input, "--pull-requests sorts by label, keepachangelog by type",
                  "leave one of them out; --prepend takes notes by label as well");
    SIGNALBOX_CHECK(add_labels(chosen, *file, context));
  }
  if (const auto file = arguments.get("--template")) {
    if (format == "json") return fail(ErrorKind::bad_input, "a template writes text, no JSON");
    SIGNALBOX_TRY(chosen.filled, fill_template(*file, chosen.json()));
  }
  if (const auto file = arguments.get("--prepend"))
    return prepend(*file, chosen, format == "md" ? NotesForm::keep_a_changelog : form_of(format));
  if (!chosen.is_complete())
    context.say(fmt::format("error: commits are lost in {}: {}", chosen.notes.version, chosen.proof()));
  SIGNALBOX_TRY(std::string octets, octets_of(chosen, format));
  return cli::Outcome(cli::Artifact{std::move(octets), chosen.is_complete() ? Verdict::none : Verdict::fail});
}

Result<cli::Outcome> run_notes(const cli::Arguments& arguments, cli::Context& context) {
  const auto name = arguments.positional(0);
  if (arguments.has("--all")) {
    if (name) return fail(ErrorKind::bad_input, "--all tells of every release: leave out " + *name);
    if (arguments.has("--prepend"))
      return fail(ErrorKind::bad_input, "--prepend takes the notes of one release");
    if (arguments.has("--template"))
      return fail(ErrorKind::bad_input, "--template takes the notes of one release");
    if (arguments.has("--pull-requests"))
      return fail(ErrorKind::bad_input, "--pull-requests sorts the notes of one release");
    if (draft_form_of(arguments.get_or("--format", "md")))
      return fail(ErrorKind::bad_input, "a draft is of one release");
    return arguments.has("--packages") ? notes_of_all_packages(arguments, context)
                                       : notes_of_all_releases(arguments, context);
  }
  if (arguments.has("--packages"))
    return fail(ErrorKind::bad_input, "--packages goes with --all; one release is of one package",
                "signalbox train notes --package NAME");
  SIGNALBOX_TRY(Chosen chosen, name ? named(*name, arguments, context) : waiting(arguments, context));
  return run_one(std::move(chosen), arguments, context);
}

// Whether the changelog of the work tree tells of what waits.
cli::Outcome check_changelog(const std::string& file, const std::string& text, const std::string& version) {
  const ChangelogEntry entry = find_entry(text, version);
  Report report;
  report.instrument = "train";
  report.title = "Changelog";
  report.verdict = entry == ChangelogEntry::none ? Verdict::fail : Verdict::pass;
  report.summary = entry == ChangelogEntry::none      ? fmt::format("{} does not tell of {}", file, version)
                   : entry == ChangelogEntry::version ? fmt::format("{} tells of {}", file, version)
                                                      : fmt::format("{} has something unreleased", file);
  if (entry == ChangelogEntry::none) report.next.emplace_back("signalbox train changelog");
  report.data = Json::object({{"file", file}, {"version", version}});
  return report;
}

Result<cli::Outcome> run_changelog(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Settings settings, read_settings(context.workspace));
  if (settings.changelog.empty())
    return fail(ErrorKind::bad_input, "this project keeps no changelog: train.changelog is false",
                "signalbox train notes writes notes anywhere else");
  const std::string file = (context.workspace.root / settings.changelog).string();
  SIGNALBOX_TRY(Chosen chosen, waiting(arguments, context));
  if (arguments.has("--check")) {
    const auto text = read_file(file);
    return check_changelog(settings.changelog, text ? *text : std::string(), chosen.notes.version);
  }
  if (chosen.notes.tag.empty())
    return fail(ErrorKind::bad_input, "nothing waits that asks for a version",
                "signalbox train plan shows what came since the last release");
  if (const auto requests = arguments.get("--pull-requests"))
    SIGNALBOX_CHECK(add_labels(chosen, *requests, context));
  return prepend(file, chosen, NotesForm::keep_a_changelog);
}

cli::Option pull_requests_option() {
  return {.name = "--pull-requests",
          .value = "FILE",
          .help = "sort by labels: the forge's export of its requests, and .github/release.yml"};
}

}  // namespace

cli::Command notes_command() {
  cli::Command command;
  command.name = "notes";
  command.summary = "Write release notes of what waits, of a release or of all";
  command.details =
      "Without an argument: what came since the last release, under the next version. Notes are a pure "
      "function "
      "of the commits: made twice they are the same.\n\n"
      "--prepend puts them into a changelog, in front of the newest version and between markers; made again "
      "for "
      "the same version they replace themselves. What people wrote stays as it is.";
  command.options = plan_options();
  command.options.push_back({.name = "--all", .help = "every release of the series"});
  command.options.push_back(
      {.name = "--packages", .help = "with --all: every release of each package of `packages`"});
  command.options.push_back({.name = "--prepend", .value = "FILE", .help = "put them into this changelog"});
  command.options.push_back(
      {.name = "--template", .value = "FILE", .help = "write them by this template, a subset of Go's"});
  command.options.push_back(pull_requests_option());
  command.positionals = {{"RELEASE", "a tag like v1.2.0, or a range", cli::Positional::Count::optional}};
  command.formats = {"md", "keepachangelog", "github", "json", "github-draft", "gitlab-release"};
  command.run = run_notes;
  return command;
}

cli::Command changelog_command() {
  cli::Command command;
  command.name = "changelog";
  command.summary = "Put the notes of the next version into the changelog, or check that they are there";
  command.details =
      "The file is `train.changelog` of the configuration, by default CHANGELOG.md. What people wrote stays "
      "as it is; made again the notes replace themselves.";
  command.options = plan_options();
  command.options.push_back(
      {.name = "--check", .help = "write nothing; exit 1 where it does not tell of it"});
  command.options.push_back(pull_requests_option());
  command.run = run_changelog;
  return command;
}

}  // namespace signalbox::train
