#include "core/git/tag_writer.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

std::string reference_of(const std::string& name) {
  return "refs/tags/" + name;
}

// "Ada Example <ada@example.org>": git's own identity here, without its time.
std::string tagger(const Repository& repository) {
  const auto said = run_git(repository.directory(), {"var", "GIT_COMMITTER_IDENT"});
  const std::string fallback = "Signalbox <signalbox@localhost>";
  if (!said || said->exit_code != 0) return fallback;
  const std::size_t end = said->output.rfind("> ");
  return end == std::string::npos ? fallback : said->output.substr(0, end + 1);
}

Result<std::string> write_object(const Repository& repository, const std::string& text) {
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(repository.directory(), {"hash-object", "-t", "tag", "-w", "--stdin"}, text));
  if (said.exit_code != 0) return fail(error_of_git("git hash-object", said));
  return std::string(trim(said.output));
}

tl::unexpected<Error> moved(const std::string& name, const std::string& there, const std::string& wanted) {
  return fail(ErrorKind::conflict,
              fmt::format("tag {} stands on {}, not on {}, and a tag is never moved", printable(name),
                          there.substr(0, 12), wanted.substr(0, 12)),
              "release it under another version");
}

}  // namespace

Result<std::string> tagged_commit(const Repository& repository, const std::string& name) {
  SIGNALBOX_TRY(const ProcessResult said,
                run_git(repository.directory(), {"rev-parse", "--verify", "--quiet", "--end-of-options",
                                                 reference_of(name) + "^{commit}"}));
  return said.exit_code == 0 ? std::string(trim(said.output)) : std::string();
}

Result<TagMade> make_tag(const Repository& repository, const std::string& name, const std::string& commit,
                         const std::string& message, Time now) {
  SIGNALBOX_TRY(const ProcessResult good,
                run_git(repository.directory(), {"check-ref-format", reference_of(name)}));
  if (good.exit_code != 0 || name.starts_with('-'))
    return fail(ErrorKind::bad_input, fmt::format("git takes no tag of the name {}", printable(name)));
  SIGNALBOX_TRY(const std::string there, tagged_commit(repository, name));
  if (there == commit) return TagMade::was_there;
  if (!there.empty()) return moved(name, there, commit);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  SIGNALBOX_TRY(
      const std::string object,
      write_object(repository, fmt::format("object {}\ntype commit\ntag {}\ntagger {} {} +0000\n\n{}\n",
                                           commit, name, tagger(repository), seconds, message)));
  // An old value of zeros: only where no such reference is.
  SIGNALBOX_TRY(const ProcessResult set,
                run_git(repository.directory(),
                        {"update-ref", reference_of(name), object, std::string(commit.size(), '0')}));
  if (set.exit_code == 0) return TagMade::made;
  SIGNALBOX_TRY(const std::string now_there, tagged_commit(repository, name));
  if (now_there == commit) return TagMade::was_there;
  if (!now_there.empty()) return moved(name, now_there, commit);
  return fail(error_of_git("git update-ref", set));
}

}  // namespace signalbox::git
