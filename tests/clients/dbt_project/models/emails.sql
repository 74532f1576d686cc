{{ config(materialized='view') }}
select count(*) as n from {{ ref('customers') }} where email is not null
