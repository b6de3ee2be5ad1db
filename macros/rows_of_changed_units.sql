{#- A relation in the model of a report that is kept from run to run: all rows, or those of the units whose rows may differ
    from what the last build made (dim_changed_unit). The report's own rows of these units go before, by its pre_hook.
    While dbt parses, the branch is taken for its ref: such a report is built after dim_changed_unit. -#}
{% macro rows_of_changed_units(relation) -%}
    {%- if not execute or (only_new_documents() and is_incremental()) -%}
        (select * from {{ relation }} where unit_key in (select unit_key from {{ ref('dim_changed_unit') }}))
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- The pre_hook of such a model; nothing to do where the table is made anew. -#}
{% macro delete_rows_of_changed_units() -%}
    {%- if only_new_documents() and is_incremental() -%}
        delete from {{ this }} where unit_key in (select unit_key from {{ ref('dim_changed_unit') }})
    {%- endif -%}
{%- endmacro %}
