from django.urls import path

from . import views

urlpatterns = [path("payments/notice/", views.payment_notice, name="payment_notice")]
