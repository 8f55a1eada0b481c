#include "instruments/train/labels/draft.hpp"

#include "core/base/json.hpp"
#include "instruments/train/release.hpp"

namespace signalbox::train {

std::optional<DraftForm> draft_form_of(std::string_view format) {
  if (format == "github-draft") return DraftForm::github;
  if (format == "gitlab-release") return DraftForm::gitlab;
  return std::nullopt;
}

Result<std::string> write_draft(const Draft& draft, DraftForm form) {
  const auto release = parse_release_tag(draft.tag, draft.head);
  if (!release)
    return fail(ErrorKind::bad_input, "nothing to draft: there is no version to release",
                "signalbox train plan shows what came since the last release");
  Json out = Json::object({{"tag_name", draft.tag}, {"name", draft.tag}});
  if (form == DraftForm::github) {
    out.set("target_commitish", draft.head);
    out.set("body", draft.body);
    out.set("draft", true);
    out.set("prerelease", !release->version.is_stable());
  } else {
    out.set("ref", draft.head);
    out.set("description", draft.body);
  }
  return out.pretty() + "\n";
}

}  // namespace signalbox::train
