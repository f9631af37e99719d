package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;

/// What stands around records in a request, and the columns that all of them have of it.
final class Origin {

    private static final String UNKNOWN_SERVICE = "_unknown";

    private final Resource resource;
    private final InstrumentationScope scope;
    private final ObjectNode attributes;
    private final Row.Builder columns;

    /// @param resourceSchema address of the schema that the resource keeps to; empty if none is said
    Origin(Dataset dataset, Resource resource, String resourceSchema, InstrumentationScope scope, String scopeSchema) {
        this.resource = resource;
        this.scope = scope;
        this.attributes = Values.attributes(resource.getAttributesList());
        String service = attributes.path("service.name").asText("");
        this.columns = Row.of(dataset)
                .set("serviceName", service.isEmpty() ? UNKNOWN_SERVICE : Values.name(service))
                .set("resource", Values.text(attributes))
                .set("resource_schema_url", Values.name(resourceSchema))
                .set("scope_name", Values.name(scope.getName()))
                .set("scope_version", Values.name(scope.getVersion()))
                .set("scope_attributes", Values.text(Values.attributes(scope.getAttributesList())))
                .set("scope_schema_url", Values.name(scopeSchema));
    }

    Resource resource() {
        return resource;
    }

    InstrumentationScope scope() {
        return scope;
    }

    /// Of the resource.
    ObjectNode attributes() {
        return attributes;
    }

    /// A row of it.
    Row.Builder row() {
        return columns.copy();
    }
}
