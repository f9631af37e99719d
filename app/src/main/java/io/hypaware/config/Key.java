package io.hypaware.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Declares one config key on a record component: its default, its check and its documentation.
/// The key's name is the component's name in snake case, its type is the component's type.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {

    String doc();

    /// JSON text of the default; sections (nested records) need none.
    String defaultJson() default "";

    /// Smallest number allowed; negative numbers are refused unless this says otherwise.
    long min() default 0;

    long max() default Long.MAX_VALUE;

    /// The only texts allowed; empty means any.
    String[] oneOf() default {};
}
