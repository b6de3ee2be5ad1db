-- Grain: one row a unit whose rows in the reports may be others than the last build made; none if all are made anew.
-- What reports take beside facts is compared with what it was before the build (pipeline/increment.py). Facts need no
-- look: those of a document stay as they are, and a new document is a new row here.
{{ config(schema='meta') }}

{#- What reports take of each dimension. -#}
{% set dimensions = {
    'dim_unit': '*',
    'dim_form': '*',
    'dim_document': '*',
    'dim_project': 'project_key, series_key',
    'dim_function_class': 'class_code, edition_from, edition_to, class_name, concept_id, is_observed_only',
    'dim_economic_class': 'class_code, class_type, edition_from, edition_to, class_name, concept_id, is_observed_only',
} %}

{#- While it parses, dbt takes the first branch for its refs. -#}
{% if only_new_documents() or not execute -%}
    with
    {% for dimension, columns in dimensions.items() -%}
        {% set now, before = ref(dimension), 'meta.before_' ~ dimension -%}
        changed_{{ dimension }} as (
            (
                select {{ columns }} from {{ now }}
                except
                select {{ columns }} from {{ before }}
            )
            union all
            (
                select {{ columns }} from {{ before }}
                except
                select {{ columns }} from {{ now }}
            )
        ),

    {% endfor %}
    unit_of_document as (
        select
            document_id,
            unit_key
        from {{ ref('int_unit_mentioned') }}
        union
        select
            document_id,
            unit_key
        from {{ ref('dim_form') }}
    ),

    changed_class as (
        select class_code from changed_dim_function_class
        union
        select class_code from changed_dim_economic_class
    ),

    changed as (
        select unit_key from changed_dim_unit
        union
        select unit_key from changed_dim_form
        union
        select unit_of_document.unit_key
        from unit_of_document
        inner join changed_dim_document on unit_of_document.document_id = changed_dim_document.document_id
        union
        select indicator.unit_key
        from {{ ref('fct_project_indicator') }} as indicator
        inner join changed_dim_project on indicator.project_key = changed_dim_project.project_key
        union
        select line.unit_key
        from {{ ref('fct_budget_line') }} as line
        inner join changed_class on line.class_code = changed_class.class_code
    )

    select unit_key from changed
{%- else -%}
    select unit_key
    from {{ ref('dim_unit') }}
    where false
{%- endif %}
