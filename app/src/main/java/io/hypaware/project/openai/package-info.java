/// OpenAI's wire formats, which other providers speak, too: Responses, Chat Completions and what stands
/// beside them. Pure functions over bytes.
@NullMarked
package io.hypaware.project.openai;

import org.jspecify.annotations.NullMarked;
