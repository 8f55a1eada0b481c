// A release as the API of a forge takes it, with its notes: to be looked at before it is sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::train {

enum class DraftForm {
  github,  // POST /repos/OWNER/NAME/releases; a draft until somebody publishes it
  gitlab,  // POST /projects/ID/releases; GitLab knows no drafts
};
std::optional<DraftForm> draft_form_of(std::string_view format);  // "github-draft", "gitlab-release"

struct Draft {
  std::string tag;   // "v1.3.0"
  std::string head;  // commit that would be tagged
  std::string body;
};

// JSON. bad_input where there is no tag.
Result<std::string> write_draft(const Draft& draft, DraftForm form);

}  // namespace signalbox::train
