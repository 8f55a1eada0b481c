// Any octets as a commit message: never refused, never dropped; what is told of it is valid UTF-8, and a
// proposed header is a conventional one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/text.hpp"
#include "instruments/train/lint.hpp"
#include "instruments/train/notes.hpp"

namespace {

using namespace signalbox::train;

void require(bool holds) {
  if (!holds) std::abort();
}

void views_point_into(std::string_view whole, std::string_view part) {
  require(part.empty() ||
          (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  const Message message = parse_message(octets);
  for (const std::string_view part : {message.header, message.type, message.scope, message.description,
                                      message.body, message.breaking_note})
    views_point_into(octets, part);
  for (const Footer& footer : message.footers) views_point_into(octets, footer.value);
  require((message.kind == MessageKind::conventional) == (message.problem == HeaderProblem::none));
  for (const signalbox::Finding& finding : lint_message(octets, "f", {}))
    require(signalbox::is_utf8(finding.message) && signalbox::is_utf8(finding.remedy));
  signalbox::git::Commit commit;
  commit.id = std::string(40, 'a');
  commit.author.name = octets.substr(0, 64);
  commit.message = octets;
  ReleaseNotes notes{"1.0.0", "v1.0.0", "", 0, make_manifest({commit}, 1, {})};
  require(notes.manifest.is_complete());
  for (const NotesForm form : {NotesForm::plain, NotesForm::keep_a_changelog, NotesForm::github}) {
    const std::string text = write_notes(notes, form);
    require(signalbox::is_utf8(text));
    (void)find_entry(octets, "1.0.0");
    if (const auto changelog = prepend_notes(octets, "1.0.0", text)) {
      const auto again = prepend_notes(*changelog, "1.0.0", text);
      require(again && *again == *changelog);  // made again, it replaces itself
    }
  }
  return 0;
}
